using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Filters;

namespace EventFunctions.Local.EventGrid;

/// <summary>Checks topics and subscriptions as the service does when they are created, and makes them ready for use.</summary>
internal sealed partial class GridConfiguration
{
    private const int MaxHeaders = 10;
    private const int MaxHeaderBytes = 4096;

    // What an exported resource carries that the service itself fills in, or that means nothing on one machine.
    private static readonly ImmutableHashSet<string> ReadOnlyMembers =
    [
        "id", "type", "location", "tags", "systemData", "provisioningState", "topic", "endpoint", "sku", "identity", "kind", "extendedLocation",
        "resourceGroup", "apiVersion", "dependsOn", "scope", "metricResourceId", "privateEndpointConnections", "publicNetworkAccess",
        "inboundIpRules", "disableLocalAuth", "dataResidencyBoundary", "minimumTlsVersionAllowed", "eventTypeInfo", "encryption", "labels",
        "expirationTimeUtc", "azureActiveDirectoryTenantId", "azureActiveDirectoryApplicationIdOrUri",
    ];

    // Where Event Grid also delivers to, and this machine cannot.
    private static readonly ImmutableHashSet<string> OtherDestinations = ImmutableHashSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "EventHub", "StorageQueue", "ServiceBusQueue", "ServiceBusTopic", "HybridConnection", "NamespaceTopic", "MonitorAlert", "PartnerDestination");

    private readonly List<string> _errors = [];
    private readonly Action<string> _warn;

    private GridConfiguration(Action<string> warn) => _warn = warn;

    /// <summary>Checks the options and compiles their topics.</summary>
    /// <param name="options">The options.</param>
    /// <param name="warn">Reports subscriptions and headers that are skipped.</param>
    /// <exception cref="GridConfigurationException">Something is wrong; it says all that is.</exception>
    public static ImmutableArray<Topic> Compile(LocalEventGridOptions options, Action<string>? warn = null)
    {
        var configuration = new GridConfiguration(warn ?? (_ => { }));
        var resources = options.TopicsFile is { } file ? [.. options.Topics, .. TopicsFile.Read(file)] : options.Topics;
        configuration.CheckNames(resources.Select(t => t.Name), "/topics");
        var topics = resources
            .Select((topic, i) => configuration.CompileTopic(topic, options, topic.Place ?? Pointer("/topics", i)))
            .ToImmutableArray();
        return configuration._errors.Count == 0 ? topics : throw new GridConfigurationException(configuration._errors);
    }

    private static string Pointer(string parent, int index) => string.Create(CultureInfo.InvariantCulture, $"{parent}/{index}");

    private Topic CompileTopic(TopicResource topic, LocalEventGridOptions options, string at)
    {
        CheckUnknown(topic.Unknown, at);
        var inner = topic.IsFlat ? at : at + "/properties";
        CheckUnknown(topic.Properties.Unknown, inner);
        CheckUnknown(topic.Keys.Unknown, at + "/keys");
        Check(IsName(topic.Name, most: 50), at + "/name", "must be 3 to 50 letters, digits, and hyphens");
        Check(!string.IsNullOrEmpty(topic.Keys.Key1), at + "/keys/key1", "must be a key");
        var schema = ParseSchema(topic.Properties.InputSchema, inner + "/inputSchema");
        CheckNames(topic.EventSubscriptions.Select(s => s.Name), at + "/eventSubscriptions");
        return new Topic
        {
            Name = topic.Name ?? "",
            InputSchema = schema,
            Access = new TopicAccess(topic.Keys, options.AcceptBearerTokens),
            Subscriptions =
            [
                .. topic.EventSubscriptions.Select((s, i) => (Resource: s, Place: s.Place ?? Pointer(at + "/eventSubscriptions", i)))
                    .Where(one => !IsElsewhere(one.Resource, one.Place))
                    .Select(one => CompileSubscription(topic.Name ?? "", schema, one.Resource, one.Place)),
            ],
        };
    }

    private bool IsElsewhere(EventSubscriptionResource resource, string at)
    {
        var type = resource.Properties.Destination.EndpointType;
        if (type is null || !OtherDestinations.Contains(type))
        {
            return false;
        }

        _warn($"Skipping the subscription {resource.Name} ({at}): the local Event Grid does not deliver to a destination of the type {type}.");
        return true;
    }

    private Subscription CompileSubscription(string topic, EventSchema input, EventSubscriptionResource resource, string at)
    {
        var properties = resource.Properties;
        var destination = properties.Destination.Properties;
        CheckUnknown(resource.Unknown, at);
        Check(IsName(resource.Name, most: 64), at + "/name", "must be 3 to 64 letters, digits, and hyphens");
        at += resource.IsFlat ? "" : "/properties";
        var nested = resource.IsFlat ? "" : "/properties";
        var inner = at + "/destination" + nested;
        CheckUnknown(properties.Unknown, at);
        CheckUnknown(properties.Destination.Unknown, at + "/destination");
        CheckUnknown(destination.Unknown, inner);
        CheckUnknown(properties.RetryPolicy.Unknown, at + "/retryPolicy");
        CheckRange(destination.MaxEventsPerBatch, 1, 5000, inner + "/maxEventsPerBatch");
        CheckRange(destination.PreferredBatchSizeInKilobytes, 1, 1024, inner + "/preferredBatchSizeInKilobytes");
        CheckRange(properties.RetryPolicy.MaxDeliveryAttempts, 1, 30, at + "/retryPolicy/maxDeliveryAttempts");
        CheckRange(properties.RetryPolicy.EventTimeToLiveInMinutes, 1, 1440, at + "/retryPolicy/eventTimeToLiveInMinutes");
        return new Subscription
        {
            Topic = topic,
            Name = resource.Name ?? "",
            Endpoint = ParseEndpoint(destination.EndpointUrl ?? destination.EndpointBaseUrl, inner + "/endpointUrl"),
            IsAzureResource = ParseChoice(
                properties.Destination.EndpointType, "AzureFunction", "WebHook", at + "/destination/endpointType"),
            InputSchema = input,
            DeliverySchema = ParseDeliverySchema(properties.EventDeliverySchema, input, at + "/eventDeliverySchema"),
            IsRepublished = resource.IsRepublished,
            IsBatched = destination.MaxEventsPerBatch > 1,
            MaxEventsPerBatch = destination.MaxEventsPerBatch ?? 1,
            PreferredBatchBytes = (destination.PreferredBatchSizeInKilobytes ?? 64) * 1024,
            Headers =
            [
                .. CompileHeaders(destination.DeliveryAttributeMappings, inner + "/deliveryAttributeMappings", nested),
            ],
            Filter = CompileFilter(properties.Filter, at + "/filter"),
            MaxDeliveryAttempts = properties.RetryPolicy.MaxDeliveryAttempts,
            TimeToLive = TimeSpan.FromMinutes(properties.RetryPolicy.EventTimeToLiveInMinutes),
            DeadLetterContainer = ParseContainer(properties.DeadLetterDestination, at + "/deadLetterDestination", nested),
        };
    }

    private SubscriptionFilter CompileFilter(FilterResource filter, string at)
    {
        CheckUnknown(filter.Unknown, at);
        var advanced = AdvancedFilters.None;
        if (filter.AdvancedFilters is { ValueKind: not JsonValueKind.Null } list)
        {
            List<FilterError> errors = [];
            advanced = AdvancedFilters.Parse(list, filter.EnableAdvancedFilteringOnArrays, at + "/advancedFilters", errors);
            _errors.AddRange(errors.Select(e => $"{e.Pointer}: {e.Detail}"));
        }

        return new SubscriptionFilter(filter, advanced);
    }

    private IEnumerable<DeliveryHeader> CompileHeaders(IReadOnlyList<DeliveryAttributeMappingResource> mappings, string at, string nested)
    {
        Check(mappings.Count <= MaxHeaders, at, $"may have at most {MaxHeaders} headers");
        foreach (var (i, mapping) in mappings.Index())
        {
            var here = Pointer(at, i);
            if (mapping is { Properties: { IsSecret: true, Value: null }, Type: "Static" })
            {
                _warn($"Skipping the header {mapping.Name} ({here}): an export does not contain the value of a secret header. Add the value to send it.");
                continue;
            }

            CheckUnknown(mapping.Unknown, here);
            CheckUnknown(mapping.Properties.Unknown, here + nested);
            Check(
                mapping.Name is { } name && HeaderName().IsMatch(name) && !name.StartsWith("aeg-", StringComparison.OrdinalIgnoreCase),
                here + "/name",
                "must be the name of a header, and not begin with aeg-");
            yield return ParseChoice(mapping.Type, "Dynamic", "Static", here + "/type")
                ? new DeliveryHeader(mapping.Name ?? "", null, ParseKey(mapping.Properties.SourceField, here + nested + "/sourceField"))
                : new DeliveryHeader(mapping.Name ?? "", ParseHeaderValue(mapping.Properties.Value, here + nested + "/value"), null);
        }
    }

    private string? ParseHeaderValue(string? value, string at)
    {
        Check(
            value is not null && Encoding.UTF8.GetByteCount(value) <= MaxHeaderBytes && !value.AsSpan().ContainsAny("\r\n\0"),
            at,
            "must be the value of a header, of at most 4,096 bytes");
        return value;
    }

    private FilterKey? ParseKey(string? key, string at)
    {
        try
        {
            return new FilterKey(key ?? "");
        }
        catch (FormatException e)
        {
            _errors.Add($"{at}: {e.Message}");
            return null;
        }
    }

    private Uri ParseEndpoint(string? url, string at)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var endpoint) && (endpoint.Scheme == Uri.UriSchemeHttp || endpoint.Scheme == Uri.UriSchemeHttps))
        {
            return endpoint;
        }

        _errors.Add($"{at}: must be an absolute http or https URL");
        return new Uri("http://invalid/");
    }

    private EventSchema ParseSchema(string? schema, string at) =>
        ParseChoice(schema, "CloudEventSchemaV1_0", "EventGridSchema", at) ? EventSchema.CloudEvents : EventSchema.EventGrid;

    private EventSchema ParseDeliverySchema(string? schema, EventSchema input, string at)
    {
        var delivery = schema is null ? input : ParseSchema(schema, at);
        Check(
            !(input == EventSchema.CloudEvents && delivery == EventSchema.EventGrid),
            at,
            "cannot be EventGridSchema for a topic that takes CloudEvents: the service does not convert in this direction");
        return delivery;
    }

    private string? ParseContainer(DeadLetterDestinationResource? destination, string at, string nested)
    {
        if (destination is null)
        {
            return null;
        }

        CheckUnknown(destination.Unknown, at);
        CheckUnknown(destination.Properties.Unknown, at + nested);
        Check(string.Equals(destination.EndpointType, "StorageBlob", StringComparison.OrdinalIgnoreCase), at + "/endpointType", "must be StorageBlob");
        var name = destination.Properties.BlobContainerName;
        Check(
            IsContainerName(name),
            at + nested + "/blobContainerName",
            "must be 3 to 63 lower-case letters, digits, and single hyphens between them");
        return name;
    }

    // True for the first choice. The resource model is not case-sensitive in enumerations.
    private bool ParseChoice(string? value, string first, string second, string at)
    {
        var isFirst = string.Equals(value, first, StringComparison.OrdinalIgnoreCase);
        Check(isFirst || string.Equals(value, second, StringComparison.OrdinalIgnoreCase), at, $"must be {second} or {first}");
        return isFirst;
    }

    private void CheckNames(IEnumerable<string?> names, string at)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (i, name) in names.Index())
        {
            Check(name is null || taken.Add(name), Pointer(at, i) + "/name", $"is already in use: {name}");
        }
    }

    private void CheckRange(int? value, int from, int to, string at) =>
        Check(value is null || (value >= from && value <= to), at, string.Create(CultureInfo.InvariantCulture, $"must be {from} to {to}"));

    private void CheckUnknown(IDictionary<string, JsonElement>? unknown, string at)
    {
        foreach (var name in (unknown?.Keys ?? []).Where(name => !ReadOnlyMembers.Contains(name)))
        {
            _errors.Add($"{at}/{name}: is not supported");
        }
    }

    private void Check(bool holds, string at, string detail)
    {
        if (!holds)
        {
            _errors.Add($"{at}: {detail}");
        }
    }

    // Without a regular expression, whose library takes time and memory to load.
    private static bool IsName(string? name, int most) =>
        name?.Length >= 3 && name.Length <= most && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static bool IsContainerName(string? name) =>
        name is not null && IsName(name, most: 63) && !name.Any(char.IsAsciiLetterUpper) && name is not ['-', ..] and not [.., '-'] && !name.Contains("--", StringComparison.Ordinal);

    [GeneratedRegex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    private static partial Regex HeaderName();
}
