using System.Text.Json;
using EventFunctions.Local.EventGrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Local.Hosting;

/// <summary>The topic that the service publishes to on this machine, with the subscription that enriches events.</summary>
internal static class ServiceTopic
{
    private const string CloudEvents = "CloudEventSchemaV1_0";

    // What the service publishes itself comes back to consumers only.
    private static readonly JsonElement NotOurOwn = JsonDocument.Parse("""
        [
          { "operatorType": "StringNotEndsWith", "key": "type", "values": [".enriched"] },
          { "operatorType": "StringNotBeginsWith", "key": "type", "values": ["eventfunctions."] }
        ]
        """).RootElement;

    /// <summary>The settings of the local Event Grid, with the service's topic.</summary>
    /// <param name="settings">The host's settings.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="functions">The URL of the host that runs the enrichment, ending in a slash; null where there is none.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static LocalEventGridOptions Options(IConfiguration settings, DataFolder data, Uri? functions)
    {
        var section = settings.GetSection(LocalSettings.LocalEventGrid);
        StrictSettings.Check<LocalEventGridOptions>(
            section, nameof(LocalEventGridOptions.Topics), nameof(LocalEventGridOptions.DataFolder), nameof(LocalEventGridOptions.PathPrefix));
        var options = section.Get<LocalEventGridOptions>() ?? new LocalEventGridOptions();
        var others = options.TopicsFile is { } file ? TopicsFile.Read(file) : [];
        options.DataFolder = data.Path;
        options.TopicsFile = null;
        options.Topics = [Describe(settings, options.Enrichment ? functions : null, others), .. others.Where(topic => topic.Name != LocalSettings.TopicName)];
        return options;
    }

    // What the file says of the service's own topic adds subscriptions to it.
    private static TopicResource Describe(IConfiguration settings, Uri? functions, IReadOnlyList<TopicResource> others) => new()
    {
        Name = LocalSettings.TopicName,
        Properties = new() { InputSchema = CloudEvents },
        Keys = new() { Key1 = settings[LocalSettings.TopicKey] },
        EventSubscriptions =
        [
            .. functions is null ? Array.Empty<EventSubscriptionResource>() : [Enrichment(settings, functions)],
            .. others.Where(topic => topic.Name == LocalSettings.TopicName).SelectMany(topic => topic.EventSubscriptions),
        ],
    };

    private static EventSubscriptionResource Enrichment(IConfiguration settings, Uri functions) => new()
    {
        Name = "enrichment",
        Properties = new()
        {
            Destination = new() { EndpointType = "AzureFunction", Properties = new() { EndpointUrl = Webhook(settings, functions).AbsoluteUri } },
            EventDeliverySchema = CloudEvents,
            Filter = new() { AdvancedFilters = NotOurOwn },
            DeadLetterDestination = new() { Properties = new() { BlobContainerName = "enrichment" } },
        },
    };

    private static Uri Webhook(IConfiguration settings, Uri functions) => new(
        functions,
        $"{EventGridWebhook.Path}?functionName={nameof(EnrichEvent)}&code={Uri.EscapeDataString(settings[FunctionKeys.EventGridSetting] ?? "")}");
}
