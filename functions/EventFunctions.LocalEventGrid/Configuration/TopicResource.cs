using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Local.EventGrid;

/// <summary>A topic with its subscriptions, in the shape of the resource model (Microsoft.EventGrid/topics).</summary>
public sealed record TopicResource
{
    /// <summary>The name: 3 to 50 letters, digits, and hyphens; part of the publish endpoint's path.</summary>
    public string? Name { get; init; }

    /// <summary>What the topic is like.</summary>
    public TopicProperties Properties { get; init; } = new();

    /// <summary>The two keys, either of which publishes; as the service's <c>listKeys</c> gives them.</summary>
    public TopicKeys Keys { get; init; } = new();

    /// <summary>Who gets the events.</summary>
    public IReadOnlyList<EventSubscriptionResource> EventSubscriptions { get; init; } = [];

    /// <summary>The place of the topic in its file, as a JSON pointer; null if it is from no file.</summary>
    [JsonIgnore]
    public string? Place { get; init; }

    /// <summary>Whether the file has its properties beside its name, as the Azure CLI prints them, and not in <c>properties</c>.</summary>
    [JsonIgnore]
    public bool IsFlat { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>What a topic is like.</summary>
public sealed record TopicProperties
{
    /// <summary>What publishers send: <c>CloudEventSchemaV1_0</c> or <c>EventGridSchema</c>, which is the service's default.</summary>
    public string InputSchema { get; init; } = "EventGridSchema";

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>The keys of a topic. For <c>aeg-sas-token</c> a key has to be base64, as the service's are.</summary>
public sealed record TopicKeys
{
    /// <summary>The first key.</summary>
    public string? Key1 { get; init; }

    /// <summary>The second key, if any.</summary>
    public string? Key2 { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}
