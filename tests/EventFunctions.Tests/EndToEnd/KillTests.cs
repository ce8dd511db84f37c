using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed at random moments, and started again on the same data.</summary>
public sealed class KillTests
{
    private const string Source = "/tests/kill";
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(3);

    // Everything that waits, waits shorter than in production, so that a test sees many rounds of it.
    private static readonly Dictionary<string, string> Impatient = new()
    {
        ["RelaySchedule"] = "* * * * * *",
        ["Intake:FirstRelayAfter"] = "00:00:02",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_that_got_a_202_completes_exactly_once_though_the_host_is_killed_twenty_times()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var host = new HostProcess(folder.Path, Settings(producer));
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();
        var random = new Random(20261123);

        await host.StartAsync(Cancellation);
        var posting = ledger.PostAsync(connections: 8, stop.Token, Cancellation);
        for (var kill = 0; kill < 20; kill++)
        {
            await Task.Delay(random.Next(50, 900), Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(SettleDeadline, Cancellation);

        var records = await ledger.ReadAllAsync(status: null, Cancellation);
        Assert.NotEmpty(ledger.Accepted);
        Assert.Equal(ledger.Accepted.Order(), records.Keys.Order());
        Assert.All(records.Values, record => Assert.Equal("completed", record.GetProperty("status").GetString()));
        Assert.All(ledger.Accepted, id => Assert.True(producer.Fetches.ContainsKey(id), $"{id} was never fetched."));
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_topic_fails_and_the_producer_is_down_and_the_host_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var topic = await FaultyTopic.StartAsync();
        var settings = Settings(producer);
        settings["EventGrid:Endpoint"] = topic.Endpoint.AbsoluteUri;
        await using var host = new HostProcess(folder.Path, settings);
        topic.Target = new Uri(host.Address, "/eventgrid/events/api/events");
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();
        var random = new Random(20261124);

        await host.StartAsync(Cancellation);
        var posting = ledger.PostAsync(connections: 4, stop.Token, Cancellation);
        foreach (var fault in Enum.GetValues<TopicFault>())
        {
            topic.Fault = fault;
            producer.Status = fault is TopicFault.TooManyRequests or TopicFault.TakesButAnswers500 ? 503 : 200;
            await Task.Delay(random.Next(500, 1500), Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
            await Task.Delay(random.Next(500, 1500), Cancellation);
        }

        topic.Fault = TopicFault.None;
        producer.Status = 200;
        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(SettleDeadline, Cancellation);

        var records = await ledger.ReadAllAsync(status: null, Cancellation);
        Assert.Equal(ledger.Accepted.Order(), records.Keys.Order());
        Assert.All(records.Values, record => Assert.Equal("completed", record.GetProperty("status").GetString()));
        var steps = records.Values.SelectMany(Steps).ToHashSet();
        Assert.Superset(new HashSet<string> { "recorded", "delivered", "fetched", "completed", "publishFailed", "relayed", "attemptFailed" }, steps);
    }

    private static IEnumerable<string> Steps(JsonElement record) =>
        record.GetProperty("timeline").EnumerateArray().Select(entry => entry.GetProperty("what").GetString()!);

    private static Dictionary<string, string> Settings(StubProducer producer) =>
        new(producer.Registration(Source).Concat(Impatient));
}
