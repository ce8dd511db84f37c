namespace EventFunctions.Tests.EndToEnd;

/// <summary>Settings with which everything that waits, waits shorter than in production, so that a test sees many rounds of it.</summary>
internal static class ShortWaits
{
    /// <summary>The administration key of the settings.</summary>
    public const string Key = "an administration key of the tests";

    /// <summary>How long the tests wait until nothing is open.</summary>
    public static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(TestLength.Rounds(2, whenLong: 20));

    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Administration:Key"] = Key,
        ["TickSchedule"] = "* * * * * *",
        ["Feeds:LeaseTime"] = "00:00:01",
        ["Feeds:RetryAfter"] = "00:00:00.2",
        ["Feeds:MaxDelay"] = "00:00:01",
        ["Jobs:LeaseTime"] = "00:00:01",
        ["Deliveries:QueueAgainAfter"] = "00:00:03",
        ["Deliveries:BreakTime"] = "00:00:00.5",
        ["Deliveries:MaxBreakTime"] = "00:00:01",
        ["Webhooks:AllowedNetworks:0"] = "127.0.0.0/8",
        ["Intake:FirstRelayAfter"] = "00:00:02",
        ["Intake:RelayAfterFailure"] = "00:00:01",
        ["Relay:RetryAfter"] = "00:00:01",
        ["Relay:MaxDelay"] = "00:00:04",
        ["LocalEventGrid:RetryScale"] = "0.1",
    };

    /// <summary>Returns the settings with others over them.</summary>
    public static Dictionary<string, string> With(IEnumerable<KeyValuePair<string, string>> others)
    {
        var settings = new Dictionary<string, string>(Settings);
        foreach (var (name, value) in others)
        {
            settings[name] = value;
        }

        return settings;
    }

    /// <summary>Returns a client that calls as the administrator.</summary>
    public static HttpClient Administrator(Uri address, HttpMessageHandler? handler = null)
    {
        var client = new HttpClient(handler ?? new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        client.DefaultRequestHeaders.Add("x-admin-key", Key);
        return client;
    }
}
