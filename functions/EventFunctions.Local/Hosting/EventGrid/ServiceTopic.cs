using System.Text.Json;
using EventFunctions.Functions;
using EventFunctions.Local.EventGrid;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// The service's topics on this machine: its own topic, with the subscription that enriches events, and the topic that reports dead
/// letters, as the storage account's does in Azure.
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
    /// <param name="functions">The URL of the host that runs the service's functions, ending in a slash; null where there is none.</param>
    /// <param name="webhookKey">The key of that host's Event Grid webhook; empty if it asks for none.</param>
    /// <param name="readsLetters">Whether they can read where dead letters are written.</param>
    /// <param name="republishes">Whether this host's relay publishes again what the local Event Grid loses.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static LocalEventGridOptions Options(IConfiguration settings, DataFolder data, Uri? functions, string webhookKey, bool readsLetters, bool republishes)
    {
        var options = StrictSettings.Read<LocalEventGridOptions>(
            settings.GetSection(LocalSettings.LocalEventGrid),
            nameof(LocalEventGridOptions.Topics),
            nameof(LocalEventGridOptions.DataFolder),
            nameof(LocalEventGridOptions.PathPrefix),
            nameof(LocalEventGridOptions.BlobCreatedTopic));
        List<TopicResource> others =
        [
            .. (options.TopicsFile is { } file ? TopicsFile.Read(file) : []).Select(topic => topic with
            {
                // What is exported has no keys.
                Keys = topic.Keys.Key1 is null ? topic.Keys with { Key1 = settings[LocalSettings.TopicKey] } : topic.Keys,
                EventSubscriptions = [.. topic.EventSubscriptions.Select(one => WithUrl(one, functions, webhookKey))],
            }),
        ];
        options.DataFolder = data.Path;
        options.TopicsFile = null;
        var storage = readsLetters ? functions : null;
        options.Topics =
        [
            Describe(settings, options, functions, webhookKey, others, republishes),
            .. storage is null ? Array.Empty<TopicResource>() : [Storage(storage, webhookKey, data)],
            .. others.Where(topic => topic.Name != LocalSettings.TopicName),
        ];
        options.BlobCreatedTopic = storage is null ? null : StorageName;
        return options;
    }

    // What the file says of the service's own topic adds subscriptions to it.
    private static TopicResource Describe(IConfiguration settings, LocalEventGridOptions options, Uri? functions, string webhookKey, IReadOnlyList<TopicResource> others, bool republishes) => new()
    {
        Name = LocalSettings.TopicName,
        Properties = new() { InputSchema = CloudEvents },
        Keys = new() { Key1 = settings[LocalSettings.TopicKey] },
        EventSubscriptions =
        [
            .. functions is not null && options.Enrichment ? [Enrichment(functions, webhookKey, republishes)] : Array.Empty<EventSubscriptionResource>(),
            .. others.Where(topic => topic.Name == LocalSettings.TopicName).SelectMany(topic => topic.EventSubscriptions),
        ],
    };

    // A function in Azure is the function of the same name here.
    private static EventSubscriptionResource WithUrl(EventSubscriptionResource subscription, Uri? functions, string key)
    {
        var destination = subscription.Properties.Destination;
        return functions is not null && destination.Properties is { EndpointUrl: null, EndpointBaseUrl: null, ResourceId: { } id }
            ? subscription with
            {
                Properties = subscription.Properties with
                {
                    Destination = destination with
                    {
                        Properties = destination.Properties with
                        {
                            EndpointUrl = Function(id[(id.LastIndexOf('/') + 1)..], functions, key).Properties.EndpointUrl,
                        },
                    },
                },
            }
            : subscription;
    }

    private static EventSubscriptionResource Enrichment(Uri functions, string key, bool republishes) => new()
    {
        IsRepublished = republishes,
        Name = DeadLetterRecorder.EnrichmentSubscription,
        Properties = new()
        {
            Destination = Function(nameof(Handlers.EnrichEvent), functions, key),
            EventDeliverySchema = CloudEvents,
            Filter = new() { AdvancedFilters = NotOurOwn },
            DeadLetterDestination = Container(IDeadLetterStore.ContainerPrefix + DeadLetterRecorder.EnrichmentSubscription),
        },
    };

    // Dead letters about dead letters go where nobody is told of them, or they would go in circles.
    private static TopicResource Storage(Uri functions, string key, DataFolder data) => new()
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
                    Destination = Function(nameof(Handlers.RecordDeadLetters), functions, key),
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

    private static DestinationResource Function(string name, Uri functions, string key) => new()
    {
        EndpointType = "AzureFunction",
        Properties = new()
        {
            EndpointUrl = new Uri(functions, $"{EventGridWebhook.Path}?functionName={name}&code={Uri.EscapeDataString(key)}").AbsoluteUri,
        },
    };
}
