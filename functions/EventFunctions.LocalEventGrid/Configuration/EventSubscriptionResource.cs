using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Local.EventGrid;

/// <summary>An event subscription in the shape of the resource model (Microsoft.EventGrid/eventSubscriptions).</summary>
public sealed record EventSubscriptionResource
{
    /// <summary>The name: 3 to 64 letters, digits, and hyphens, unique within the topic.</summary>
    public string? Name { get; init; }

    /// <summary>What the subscription is like.</summary>
    public EventSubscriptionProperties Properties { get; init; } = new();

    /// <summary>The place of the subscription in its file, as a JSON pointer; null if it is from no file.</summary>
    [JsonIgnore]
    public string? Place { get; init; }

    /// <summary>Whether the file has its properties beside its name, as the Azure CLI prints them, and not in <c>properties</c>.</summary>
    [JsonIgnore]
    public bool IsFlat { get; init; }

    /// <summary>Whether the publisher keeps the events and publishes lost ones again: they are written to disk only if an attempt fails.</summary>
    [JsonIgnore]
    public bool IsRepublished { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>What an event subscription is like.</summary>
public sealed record EventSubscriptionProperties
{
    /// <summary>Where events go.</summary>
    public DestinationResource Destination { get; init; } = new();

    /// <summary>Which events go there.</summary>
    public FilterResource Filter { get; init; } = new();

    /// <summary><c>CloudEventSchemaV1_0</c> or <c>EventGridSchema</c>; null means what the topic takes in.</summary>
    public string? EventDeliverySchema { get; init; }

    /// <summary>How long delivery is tried.</summary>
    public RetryPolicyResource RetryPolicy { get; init; } = new();

    /// <summary>Where events go that cannot be delivered; null drops them.</summary>
    public DeadLetterDestinationResource? DeadLetterDestination { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>Where a subscription's events go.</summary>
public sealed record DestinationResource
{
    /// <summary>
    /// <c>WebHook</c>, which has to prove by a handshake that it wants events, or <c>AzureFunction</c>, which has not; both
    /// are called at <see cref="DestinationProperties.EndpointUrl"/>.
    /// </summary>
    public string? EndpointType { get; init; }

    /// <summary>The endpoint.</summary>
    public DestinationProperties Properties { get; init; } = new();

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>An endpoint.</summary>
public sealed record DestinationProperties
{
    /// <summary>The absolute http or https URL that events are POSTed to.</summary>
    public string? EndpointUrl { get; init; }

    /// <summary>The URL without its query, all that the service shows of it; used where <see cref="EndpointUrl"/> is missing.</summary>
    public string? EndpointBaseUrl { get; init; }

    /// <summary>The function in Azure that an exported subscription names; the host gives it an <see cref="EndpointUrl"/>.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The most events in one request, 1 to 5,000; 1, the default, means no batching.</summary>
    public int? MaxEventsPerBatch { get; init; }

    /// <summary>The size that a batch should not pass unless a single event does, 1 to 1,024 kilobytes; default 64.</summary>
    public int? PreferredBatchSizeInKilobytes { get; init; }

    /// <summary>Headers that deliveries carry; at most 10.</summary>
    public IReadOnlyList<DeliveryAttributeMappingResource> DeliveryAttributeMappings { get; init; } = [];

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A header that deliveries carry.</summary>
public sealed record DeliveryAttributeMappingResource
{
    /// <summary>The header's name.</summary>
    public string? Name { get; init; }

    /// <summary><c>Static</c> or <c>Dynamic</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The header's value, or where it comes from.</summary>
    public DeliveryAttributeMappingProperties Properties { get; init; } = new();

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A header's value, or where it comes from.</summary>
public sealed record DeliveryAttributeMappingProperties
{
    /// <summary>The value of a static header; at most 4,096 bytes.</summary>
    public string? Value { get; init; }

    /// <summary>Whether the service hides the value from readers of the resource; nothing here shows it anyway.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Where in the event a dynamic header's value is: <c>subject</c>, <c>data.channel</c>.</summary>
    public string? SourceField { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>Which events a subscription gets.</summary>
public sealed record FilterResource
{
    /// <summary>What the subject begins with.</summary>
    public string? SubjectBeginsWith { get; init; }

    /// <summary>What the subject ends with.</summary>
    public string? SubjectEndsWith { get; init; }

    /// <summary>Whether the case of the subject counts.</summary>
    public bool IsSubjectCaseSensitive { get; init; }

    /// <summary>The event types; null, empty, or <c>All</c> means every type.</summary>
    public IReadOnlyList<string>? IncludedEventTypes { get; init; }

    /// <summary>Advanced filters, all of which have to match; at most 25.</summary>
    public JsonElement? AdvancedFilters { get; init; }

    /// <summary>Whether advanced filters look at the elements of arrays.</summary>
    public bool EnableAdvancedFilteringOnArrays { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>How long delivery is tried: until the first of the two limits is reached.</summary>
public sealed record RetryPolicyResource
{
    /// <summary>The most attempts, 1 to 30.</summary>
    public int MaxDeliveryAttempts { get; init; } = 30;

    /// <summary>How old an event may be when it is tried again, 1 to 1,440 minutes.</summary>
    public int EventTimeToLiveInMinutes { get; init; } = 1440;

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>Where events go that cannot be delivered.</summary>
public sealed record DeadLetterDestinationResource
{
    /// <summary><c>StorageBlob</c>.</summary>
    public string EndpointType { get; init; } = "StorageBlob";

    /// <summary>The container.</summary>
    public DeadLetterDestinationProperties Properties { get; init; } = new();

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}

/// <summary>A container for dead letters.</summary>
public sealed record DeadLetterDestinationProperties
{
    /// <summary>The storage account in the service's form; not used, because the account or folder is a setting of the host.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The container's name: 3 to 63 lower-case letters, digits, and single hyphens.</summary>
    public string? BlobContainerName { get; init; }

    /// <summary>Members that the model does not know; each is an error.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }
}
