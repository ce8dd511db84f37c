using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed, and started again on the same data.</summary>
[Collection(HostProcesses.Name)]
public sealed class KillTests
{
    private const string Source = "/tests/kill";

    // Planned are one from intake, one from the relay, and one for each time that a publication or its note is cut off.
    private const int MostCopies = 8;

    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(2);

    // Everything that waits, waits shorter than in production, so that a test sees many rounds of it.
    private static readonly Dictionary<string, string> Impatient = new()
    {
        ["TickSchedule"] = "* * * * * *",
        ["Intake:FirstRelayAfter"] = "00:00:02",
        ["Intake:RelayAfterFailure"] = "00:00:01",
        ["Relay:RetryAfter"] = "00:00:01",
        ["Relay:MaxDelay"] = "00:00:04",
        ["LocalEventGrid:RetryScale"] = "0.1",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_that_got_a_202_ends_exactly_once_however_often_the_host_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var consumer = await Consumer.StartAsync();
        await using var host = new HostProcess(folder.Path, Settings(producer, consumer, folder));
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();
        var random = new Random(20261123);

        await host.StartAsync(Cancellation);
        var posting = ledger.PostAsync(connections: 6, stop.Token, Cancellation);
        for (var kill = 0; kill < TestLength.Rounds(8, whenLong: 40); kill++)
        {
            await Task.Delay(random.Next(20, 700), Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(SettleDeadline, Cancellation);

        await AllIsWellAsync(ledger, producer);
        await ReachesAsync(consumer, ledger.Accepted);
    }

    [Fact]
    public async Task A_restart_finishes_what_a_host_that_was_told_to_end_had_accepted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var consumer = await Consumer.StartAsync();
        await using var host = new HostProcess(folder.Path, Settings(producer, consumer, folder));
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();

        await host.StartAsync(Cancellation);
        var posting = ledger.PostAsync(connections: 6, stop.Token, Cancellation);
        for (var end = 0; end < 3; end++)
        {
            var before = ledger.Accepted.Count;
            await Poll.UntilAsync(() => ledger.Accepted.Count > before + 50, () => $"{ledger.Accepted.Count} accepted");
            Assert.Equal(0, await host.TerminateAsync(Cancellation));
            await host.StartAsync(Cancellation);
        }

        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(SettleDeadline, Cancellation);

        await AllIsWellAsync(ledger, producer);
        await ReachesAsync(consumer, ledger.Accepted);
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_topic_fails_and_the_producer_is_down_and_the_host_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var consumer = await Consumer.StartAsync();
        await using var topic = await FaultyTopic.StartAsync();
        var settings = Settings(producer, consumer, folder);
        settings["EventGrid:Endpoint"] = topic.Endpoint.AbsoluteUri;
        await using var host = new HostProcess(folder.Path, settings);
        topic.LeadTo(host.Address);
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

        await stop.CancelAsync();
        await posting;

        // The producer stays down until an attempt has met it; the relay's own tale may be cut short by a completion.
        var story = new HashSet<string> { "recorded", "publishFailed", "attemptFailed" };
        await ledger.PostAsync(events: 1, Cancellation);
        topic.Fault = TopicFault.None;
        await Poll.UntilAsync(
            async () => story.IsSubsetOf((await ledger.ReadAllAsync(Cancellation)).Values.SelectMany(Steps)),
            () => "Not all of this was told: " + string.Join(' ', story));
        producer.Status = 200;
        await ledger.SettlesAsync(SettleDeadline, Cancellation);

        var records = await AllIsWellAsync(ledger, producer);
        await ReachesAsync(consumer, ledger.Accepted);
        var steps = records.Values.SelectMany(Steps).ToHashSet();
        Assert.Superset(new HashSet<string>(story) { "delivered", "fetched", "completed", "failed" }, steps);

        // How often the service repeats what it got no good answer for depends on the machine's pace; what was answered, it may not.
        Assert.All(topic.Confirmed, confirmed => Assert.InRange(confirmed.Value, 1, MostCopies));
    }

    [Fact]
    public async Task An_event_is_there_after_a_kill_in_the_moment_of_its_202()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var consumer = await Consumer.StartAsync();
        await using var host = new HostProcess(folder.Path, Settings(producer, consumer, folder));
        using var ledger = new Ledger(host.Address, Source);
        await host.StartAsync(Cancellation);

        for (var kill = 0; kill < TestLength.Rounds(3, whenLong: 10); kill++)
        {
            await ledger.PostAsync(events: 1, Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
            Assert.Equal(ledger.Accepted.Order(), (await ledger.ReadAllAsync(Cancellation)).Keys.Order());
        }

        await ledger.SettlesAsync(SettleDeadline, Cancellation);
        await AllIsWellAsync(ledger, producer);
    }

    // Recorded once, ended as its data calls for, its data there, and the producer knows of no event left out.
    private static async Task<Dictionary<string, JsonElement>> AllIsWellAsync(Ledger ledger, StubProducer producer)
    {
        var records = await ledger.ReadAllAsync(Cancellation);
        Assert.NotEmpty(ledger.Accepted);
        Assert.Equal(ledger.Accepted.Order(), records.Keys.Order());
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), Steps(record.Value)[^1]));
        Assert.All(records.Values, record => Assert.Equal("recorded", Steps(record)[0]));
        Assert.All(
            records.Values.Where(record => record.GetProperty("status").GetString() == "failed"),
            record => Assert.Equal("dataNotFound", record.GetProperty("reason").GetString()));
        Assert.All(ledger.Accepted, id => Assert.True(producer.Fetches.ContainsKey(id), $"{id} was never fetched."));
        await Parallel.ForEachAsync(
            ledger.Accepted.Where(id => Ledger.FinalStatus(id) == "completed"),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (id, cancellation) => Assert.Equal(StubProducer.DataOf(id), await ledger.ReadDataAsync(id, cancellation)));
        return records;
    }

    // At least once, and each time the same byte for byte.
    private static async Task ReachesAsync(Consumer consumer, ICollection<string> accepted)
    {
        var expected = accepted
            .Concat(accepted.Where(id => Ledger.FinalStatus(id) == "completed").Select(id => id + ":enriched"))
            .ToHashSet(StringComparer.Ordinal);
        await Poll.UntilAsync(
            () => expected.All(consumer.Received.ContainsKey),
            () => string.Create(CultureInfo.InvariantCulture, $"{expected.Count(id => !consumer.Received.ContainsKey(id))} of {expected.Count} events did not come."));
        Assert.Empty(consumer.Received.Where(copies => copies.Value.Distinct().Count() > 1).Select(copies => string.Join('\n', copies.Value)));

        // The service's own events tell that some failed.
        Assert.Subset(expected, consumer.Received.Keys.Where(id => !id.StartsWith("failed-", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal));
    }

    private static List<string> Steps(JsonElement record) =>
        [.. record.GetProperty("timeline").EnumerateArray().Select(entry => entry.GetProperty("what").GetString()!)];

    private static Dictionary<string, string> Settings(StubProducer producer, Consumer consumer, TemporaryFolder folder) =>
        new(producer.Registration(Source).Concat(Impatient).Append(consumer.Subscribe(folder.File("topics.json"))));
}
