using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFunctions.Infra.Configuration;

/// <summary>Where a consumer's events are delivered to.</summary>
internal enum ConsumerKind
{
    /// <summary>An HTTPS endpoint.</summary>
    Webhook,

    /// <summary>A queue of a storage account.</summary>
    StorageQueue,

    /// <summary>A Service Bus queue.</summary>
    ServiceBusQueue,

    /// <summary>A Service Bus topic.</summary>
    ServiceBusTopic,
}

/// <summary>A consumer's subscription to the topic.</summary>
internal sealed partial record Consumer
{
    public const string Example = """[{"name":"billing","kind":"webhook","endpoint":"https://billing.example.com/events"}]""";

    private const string InGroup = "^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/";

    private static readonly HashSet<string> ListOperators =
    [
        "StringIn", "StringNotIn", "StringContains", "StringNotContains", "StringBeginsWith", "StringNotBeginsWith",
        "StringEndsWith", "StringNotEndsWith", "NumberIn", "NumberNotIn", "NumberInRange", "NumberNotInRange",
    ];

    private static readonly HashSet<string> ValueOperators =
        ["BoolEquals", "NumberLessThan", "NumberLessThanOrEquals", "NumberGreaterThan", "NumberGreaterThanOrEquals"];

    private static readonly HashSet<string> NullOperators = ["IsNullOrUndefined", "IsNotNull"];

    /// <summary>The subscription's name, and the end of the name of its dead-letter container.</summary>
    public required string Name { get; init; }

    /// <summary>What the events are delivered to.</summary>
    public required ConsumerKind Kind { get; init; }

    /// <summary>The webhook's URL; it may carry a key, and is kept as a secret.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The resource ID of the storage account, or of the Service Bus queue or topic.</summary>
    public string? ResourceId { get; init; }

    /// <summary>The name of the storage queue.</summary>
    public string? Queue { get; init; }

    /// <summary>The event types to deliver; none means all.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>What the subject of events to deliver begins with.</summary>
    public string? SubjectBeginsWith { get; init; }

    /// <summary>Advanced filters in Event Grid's own JSON: <c>operatorType</c>, <c>key</c>, <c>value</c> or <c>values</c>.</summary>
    public IReadOnlyList<JsonElement> Filters { get; init; } = [];

    /// <summary>Checks the consumer.</summary>
    /// <param name="key">The configuration key it stands below.</param>
    public IEnumerable<string> Validate(string key)
    {
        var at = $"{key}: consumer \"{Name}\"";
        if (!NameRule().IsMatch(Name) || Name is "enrichment" or "webhooks")
        {
            yield return $"{key}: the name \"{Name}\" must have 3 to 40 small letters, digits and single hyphens, and must be neither "
                + "\"enrichment\" nor \"webhooks\", which the service has itself; example: billing.";
        }

        if (Kind == ConsumerKind.Webhook)
        {
            if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
                yield return $"{at} has no endpoint with an https URL; example: \"endpoint\":\"https://billing.example.com/events\".";
        }
        else if (ResourceId is null || !ResourceIdRule(Kind).IsMatch(ResourceId))
        {
            yield return $"{at} has no resourceId of a {Kind switch
            {
                ConsumerKind.StorageQueue => "storage account",
                ConsumerKind.ServiceBusQueue => "Service Bus queue",
                _ => "Service Bus topic",
            }}; example: \"resourceId\":\"{ExampleId(Kind)}\".";
        }

        if (Kind == ConsumerKind.StorageQueue && string.IsNullOrWhiteSpace(Queue))
            yield return $"{at} names no queue; example: \"queue\":\"events\".";

        foreach (var filter in Filters.Where(f => !IsGood(f)))
        {
            yield return $"{at} has the filter {filter.GetRawText()}, which Event Grid does not know; "
                + """example: {"operatorType":"StringEndsWith","key":"type","values":[".enriched"]}.""";
        }
    }

    private static bool IsGood(JsonElement filter) =>
        filter.ValueKind == JsonValueKind.Object
        && filter.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.String && key.GetString() is { Length: > 0 }
        && filter.TryGetProperty("operatorType", out var type) && type.ValueKind == JsonValueKind.String
        && (ListOperators.Contains(type.GetString()!)
            ? filter.TryGetProperty("values", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
            : ValueOperators.Contains(type.GetString()!)
                ? filter.TryGetProperty("value", out _)
                : NullOperators.Contains(type.GetString()!));

    private static Regex ResourceIdRule(ConsumerKind kind) => kind switch
    {
        ConsumerKind.StorageQueue => StorageAccountId(),
        ConsumerKind.ServiceBusQueue => ServiceBusQueueId(),
        _ => ServiceBusTopicId(),
    };

    private static string ExampleId(ConsumerKind kind) => "/subscriptions/…/resourceGroups/…/providers/" + kind switch
    {
        ConsumerKind.StorageQueue => "Microsoft.Storage/storageAccounts/…",
        ConsumerKind.ServiceBusQueue => "Microsoft.ServiceBus/namespaces/…/queues/…",
        _ => "Microsoft.ServiceBus/namespaces/…/topics/…",
    };

    [GeneratedRegex("^(?=.{3,40}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex NameRule();

    [GeneratedRegex(InGroup + "Microsoft.Storage/storageAccounts/[^/]+$", RegexOptions.IgnoreCase)]
    private static partial Regex StorageAccountId();

    [GeneratedRegex(InGroup + "Microsoft.ServiceBus/namespaces/[^/]+/queues/[^/]+$", RegexOptions.IgnoreCase)]
    private static partial Regex ServiceBusQueueId();

    [GeneratedRegex(InGroup + "Microsoft.ServiceBus/namespaces/[^/]+/topics/[^/]+$", RegexOptions.IgnoreCase)]
    private static partial Regex ServiceBusTopicId();
}
