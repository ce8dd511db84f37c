using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Filters;

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
        if (!NameRule().IsMatch(Name) || Name == "enrichment")
        {
            yield return $"{key}: the name \"{Name}\" must have 3 to 40 small letters, digits and single hyphens, and must not be "
                + "\"enrichment\", which the service has itself; example: billing.";
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

        var errors = new List<FilterError>();
        ReadFilters(errors);
        foreach (var error in errors)
        {
            yield return $"{at}: filters{error.Pointer} {error.Detail}; "
                + """example: {"operatorType":"StringEndsWith","key":"type","values":[".enriched"]}.""";
        }
    }

    /// <summary>Reads the filters as the service does its own.</summary>
    /// <param name="errors">Gains everything that is wrong.</param>
    public AdvancedFilters ReadFilters(ICollection<FilterError> errors) =>
        AdvancedFilters.Parse(JsonSerializer.SerializeToElement(Filters), onArrays: false, "", errors);

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
