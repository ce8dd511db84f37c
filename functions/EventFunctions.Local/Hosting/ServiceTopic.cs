using System.Text.Json;
using EventFunctions.Local.EventGrid;
using EventFunctions.Ports;
using EventFunctions.Publication.DeadLetters;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The service's topics on this machine: the one that it publishes to, with the subscription that enriches events, and the
/// one that tells it of dead letters, as the storage account's does in Azure.
/// </summary>
internal static class ServiceTopic
{
    private const string CloudEvents = "CloudEventSchemaV1_0";
    private const string StorageName = "dead-letter-storage";

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
    /// <param name="self">The host's own URL, ending in a slash.</param>
    /// <param name="enrich">Whether the service's functions run in this host.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static LocalEventGridOptions Options(IConfiguration settings, DataFolder data, Uri self, bool enrich)
    {
        var section = settings.GetSection(LocalSettings.LocalEventGrid);
        StrictSettings.Check<LocalEventGridOptions>(
            section,
            nameof(LocalEventGridOptions.Topics),
            nameof(LocalEventGridOptions.DataFolder),
            nameof(LocalEventGridOptions.PathPrefix),
            nameof(LocalEventGridOptions.BlobCreatedTopic));
        var options = section.Get<LocalEventGridOptions>() ?? new LocalEventGridOptions();
        var others = options.TopicsFile is { } file ? TopicsFile.Read(file) : [];
        options.DataFolder = data.Path;
        options.TopicsFile = null;
        options.Topics =
        [
            Describe(settings, self, enrich && options.Enrichment, others),
            .. enrich ? [Storage(settings, self, data)] : Array.Empty<TopicResource>(),
            .. others.Where(topic => topic.Name != LocalSettings.TopicName),
        ];
        options.BlobCreatedTopic = enrich ? StorageName : null;
        return options;
    }

    // What the file says of the service's own topic adds subscriptions to it.
    private static TopicResource Describe(IConfiguration settings, Uri self, bool enrich, IReadOnlyList<TopicResource> others) => new()
    {
        Name = LocalSettings.TopicName,
        Properties = new() { InputSchema = CloudEvents },
        Keys = new() { Key1 = settings[LocalSettings.TopicKey] },
        EventSubscriptions =
        [
            .. enrich ? [Enrichment(settings, self)] : Array.Empty<EventSubscriptionResource>(),
            .. others.Where(topic => topic.Name == LocalSettings.TopicName).SelectMany(topic => topic.EventSubscriptions),
        ],
    };

    private static EventSubscriptionResource Enrichment(IConfiguration settings, Uri self) => new()
    {
        Name = DeadLetterRecorder.EnrichmentSubscription,
        Properties = new()
        {
            Destination = Function(nameof(EnrichEvent), settings, self),
            EventDeliverySchema = CloudEvents,
            Filter = new() { AdvancedFilters = NotOurOwn },
            DeadLetterDestination = Container(IDeadLetterStore.ContainerPrefix + DeadLetterRecorder.EnrichmentSubscription),
        },
    };

    // Dead letters about dead letters go where nobody is told of them, or they would go in circles.
    private static TopicResource Storage(IConfiguration settings, Uri self, DataFolder data) => new()
    {
        Name = StorageName,
        Properties = new() { InputSchema = CloudEvents },
        Keys = new() { Key1 = data.Secret("storage.key") },
        EventSubscriptions =
        [
            new()
            {
                Name = "dead-letters",
                Properties = new()
                {
                    Destination = Function(nameof(RecordDeadLetters), settings, self),
                    EventDeliverySchema = CloudEvents,
                    Filter = new()
                    {
                        IncludedEventTypes = ["Microsoft.Storage.BlobCreated"],
                        SubjectBeginsWith = "/blobServices/default/containers/" + IDeadLetterStore.ContainerPrefix,
                    },
                    DeadLetterDestination = Container("undelivered-deadletters"),
                },
            },
        ],
    };

    private static DeadLetterDestinationResource Container(string name) => new() { Properties = new() { BlobContainerName = name } };

    private static DestinationResource Function(string name, IConfiguration settings, Uri self) =>
        new() { EndpointType = "AzureFunction", Properties = new() { EndpointUrl = Webhook(name, settings, self).AbsoluteUri } };

    private static Uri Webhook(string function, IConfiguration settings, Uri self) => new(
        self,
        $"{EventGridWebhook.Path}?functionName={function}&code={Uri.EscapeDataString(settings[FunctionKeys.EventGridSetting] ?? "")}");
}
