using EventFunctions.Simulation.Machine;
using EventFunctions.Webhooks;

namespace EventFunctions.Simulation.World;

/// <summary>The producers and webhooks of a world, and the service's settings.</summary>
internal static class Surroundings
{
    public const string FeedSource = "/sim/feed";

    private const string Policies = """
        {"name":"policies","source":"/sim/policies","data":{"baseUrl":"https://policies.example.com/","template":"policies/{subject}?event={id}","timeout":"00:00:05"},
         "types":{"changed":{"changes":true,"publish":[{"operatorType":"BoolEquals","key":"data.filtered","value":false}]},"noted":{}},"entities":true,"retention":{"recordDays":7}}
        """;

    private const string Claims = """
        {"name":"claims","source":"/sim/claims","entities":true,"types":{"changed":{},"noted":{"publish":[{"operatorType":"BoolEquals","key":"data.filtered","value":false}]}}}
        """;

    private const string Feed = """
        {"name":"feed","source":"/sim/feed","data":{"baseUrl":"https://feed.example.com/","template":"items/{id}"},"feed":{"url":"https://feed.example.com/events","schedule":"0 */5 * * * *"}}
        """;

    public static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
        ["Enrichment:RecordTimeToLive"] = "30.00:00:00",
        ["Deliveries:TimeToLive"] = "30.00:00:00",
    };

    /// <summary>The settings of the next version: it sends beside the function's work, and looks again sooner.</summary>
    public static IReadOnlyDictionary<string, string?> NewerSettings { get; } = new Dictionary<string, string?>(Settings)
    {
        ["Deliveries:MaxSentBeside"] = "4",
        ["Deliveries:QueueAgainAfter"] = "00:01:00",
        ["Relay:RetryAfter"] = "00:00:05",
        ["Jobs:LeaseTime"] = "00:00:10",
    };

    /// <summary>Reads the composition.</summary>
    public static ServiceGraph Services() => new(Settings) { Newer = new ServiceGraph(NewerSettings) };

    public static IReadOnlyList<string> PostingSources { get; } = ["/sim/policies", "/sim/claims"];

    public static IReadOnlyList<string> Types { get; } = ["changed", "noted"];

    public static IReadOnlyList<string> Producers { get; } = [Policies, Claims, Feed];

    /// <summary>The names of <see cref="Producers"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["policies", "claims", "feed"];

    /// <summary>The sources of <see cref="Producers"/>.</summary>
    public static IReadOnlyList<string> Sources { get; } = [.. PostingSources, FeedSource];

    public static IReadOnlyList<WebhookDefinition> Webhooks { get; } =
    [
        new("crm", new Uri("https://crm.example.com/events")) { Events = WebhookEvents.Both },
        new("erp", new Uri("https://erp.example.com/events")) { Events = WebhookEvents.Enriched, MaxConcurrent = 1 },
    ];

    /// <summary>A webhook that comes and goes.</summary>
    public static WebhookDefinition Passing { get; } = new("log", new Uri("https://log.example.com/events")) { Events = WebhookEvents.Both };

    /// <summary>The definitions of producers, of which one may be expected to send regularly.</summary>
    public static IReadOnlyList<string> DefinitionsOf(bool areWatched) => !areWatched ? Producers
        : [Policies, Claims.Replace("\"changed\":{}", "\"changed\":{\"expectEvery\":\"02:00:00\",\"expectPerEntity\":true}", StringComparison.Ordinal).Replace("\"noted\":{", "\"noted\":{\"expectEvery\":\"00:30:00\",", StringComparison.Ordinal), Feed];

    /// <summary>Returns another definition of a producer.</summary>
    public static string Changed(string definition) => definition.Replace("00:00:05", "00:00:07", StringComparison.Ordinal)
        .Replace("\"entities\":true}", "\"entities\":true,\"retention\":{\"recordDays\":9}}", StringComparison.Ordinal)
        .Replace("\"entities\":true,\"types\"", "\"entities\":true,\"retention\":{\"recordDays\":9},\"types\"", StringComparison.Ordinal);
}
