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

    public static IReadOnlyList<string> PostingSources { get; } = ["/sim/policies", "/sim/claims"];

    public static IReadOnlyList<string> Types { get; } = ["changed", "noted"];

    public static IReadOnlyList<string> Producers { get; } = [Policies, Claims, Feed];

    public static IReadOnlyList<WebhookDefinition> Webhooks { get; } =
    [
        new("crm", new Uri("https://crm.example.com/events")) { Events = WebhookEvents.Both },
        new("erp", new Uri("https://erp.example.com/events")) { Events = WebhookEvents.Enriched, MaxConcurrent = 1 },
    ];

    /// <summary>A webhook that comes and goes.</summary>
    public static WebhookDefinition Passing { get; } = new("log", new Uri("https://log.example.com/events")) { Events = WebhookEvents.Both };

    /// <summary>Another definition of a producer.</summary>
    public static string Changed(int which) => which == 0 ? Policies.Replace("00:00:05", "00:00:07", StringComparison.Ordinal) : Claims.Replace("\"entities\":true", "\"entities\":true,\"retention\":{\"recordDays\":9}", StringComparison.Ordinal);
}
