using System.Text.Json;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>Who gets the topic's events.</summary>
internal enum Subscriptions
{
    /// <summary>Nobody.</summary>
    None,

    /// <summary>The enrichment, as the service is set up.</summary>
    Enrichment,

    /// <summary>One subscriber outside the host, that answers at once.</summary>
    Sink,
}

/// <summary>The settings that a host under measurement differs in from one that somebody starts.</summary>
internal static class HostSettings
{
    public const string TopicPath = "/eventgrid/events/api/events";

    public const string TopicKey = "key-of-the-measured-topic";

    public static IReadOnlyDictionary<string, string> For(Subscriptions subscriptions, Uri? subscriber, string dataFolder)
    {
        var settings = new Dictionary<string, string>
        {
            ["EventGrid__Key"] = TopicKey,
            ["Sample__Every"] = "0",
            ["LocalEventGrid__Enrichment"] = subscriptions == Subscriptions.Enrichment ? "true" : "false",
        };
        if (subscriptions == Subscriptions.Sink)
        {
            settings["LocalEventGrid__TopicsFile"] = WriteTopics(dataFolder, subscriber!);
        }

        return settings;
    }

    /// <summary>Registers one producer in the place of the samples.</summary>
    public static IReadOnlyDictionary<string, string> WithoutSample(IReadOnlyDictionary<string, string> settings) => new Dictionary<string, string>(settings)
    {
        ["Sample__Enabled"] = "false",
        ["Producers__policies__name"] = "policies",
        ["Producers__policies__source"] = FilledStore.Source,
    };

    /// <summary>Sets the sample producer's events to make no entities, and to tell no changes.</summary>
    public static IReadOnlyDictionary<string, string> WithoutEntities(IReadOnlyDictionary<string, string> settings) =>
        new Dictionary<string, string>(
            [
                .. settings,
                new("Producers__sample__entities", "false"),
                .. SampleProducers.Types.Select(type => KeyValuePair.Create($"Producers__sample__types__{type}__changes", "false")),
            ]);

    private static string WriteTopics(string dataFolder, Uri subscriber)
    {
        var file = Path.Combine(dataFolder, "topics.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            topics = new[]
            {
                new
                {
                    name = "events",
                    eventSubscriptions = new[]
                    {
                        new
                        {
                            name = "sink",
                            properties = new
                            {
                                destination = new { endpointType = "AzureFunction", properties = new { endpointUrl = new Uri(subscriber, "sink").AbsoluteUri } },
                                eventDeliverySchema = "CloudEventSchemaV1_0",
                            },
                        },
                    },
                },
            },
        }));
        return file;
    }
}
