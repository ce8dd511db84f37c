namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed, and started again on the same data.</summary>
[Collection(HostProcesses.Name)]
public sealed class KillTests
{
    // Planned are one from intake, one from the relay, and one for each time that a publication or its note is cut off.
    private const int MostCopies = 8;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_that_got_a_202_ends_exactly_once_however_often_the_host_is_killed()
    {
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder());
        var random = new Random(20261123);

        await scenario.PostWhileAsync(connections: 6, async () =>
        {
            for (var kill = 0; kill < TestLength.Rounds(8, whenLong: 40); kill++)
            {
                // Every second kill may come while the host still starts.
                var before = scenario.Ledger.Accepted.Count;
                await Poll.UntilAsync(() => kill % 2 == 0 || scenario.Ledger.Accepted.Count > before, () => $"{before} accepted");
                await Task.Delay(random.Next(20, 700), Cancellation);
                await scenario.KillAsync();
            }
        });

        await scenario.AllIsWellAsync();
    }

    [Fact]
    public async Task A_restart_finishes_what_a_host_that_was_told_to_end_had_accepted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder());

        await scenario.PostWhileAsync(connections: 6, async () =>
        {
            for (var end = 0; end < 3; end++)
            {
                var before = scenario.Ledger.Accepted.Count;
                await Poll.UntilAsync(() => scenario.Ledger.Accepted.Count > before + 50, () => $"{scenario.Ledger.Accepted.Count} accepted");
                Assert.Equal(0, await scenario.Host.TerminateAsync());
                await scenario.Host.StartAsync(Cancellation);
            }
        });

        await scenario.AllIsWellAsync();
    }

    [Fact]
    public async Task Nothing_is_lost_while_the_topic_fails_and_the_producer_is_down_and_the_host_is_killed()
    {
        await using var topic = await FaultyTopic.StartAsync();
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder(), new() { ["EventGrid:Endpoint"] = topic.Endpoint.AbsoluteUri });
        topic.LeadTo(scenario.Host.Address);
        var random = new Random(20261124);

        await scenario.PostWhileAsync(connections: 4, async () =>
        {
            foreach (var fault in Enum.GetValues<TopicFault>())
            {
                topic.Fault = fault;
                scenario.Producer.Status = fault is TopicFault.TooManyRequests or TopicFault.TakesButAnswers500 ? 503 : 200;
                await Task.Delay(random.Next(500, 1500), Cancellation);
                await scenario.KillAsync();
                await Task.Delay(random.Next(500, 1500), Cancellation);
            }
        });

        // The producer stays down until an attempt has met it; the relay's own tale may be cut short by a completion.
        var story = new HashSet<string> { "recorded", "publishFailed", "attemptFailed" };
        await scenario.Ledger.PostAsync(events: 1, Cancellation);
        topic.Fault = TopicFault.None;
        await Poll.UntilAsync(
            async () => story.IsSubsetOf((await scenario.Ledger.ReadAllAsync(Cancellation)).Values.SelectMany(record => Service.Steps(record))),
            () => "Not all of this was told: " + string.Join(' ', story));
        scenario.Producer.Status = 200;

        var records = await scenario.AllIsWellAsync();
        var steps = records.Values.SelectMany(record => Service.Steps(record)).ToHashSet();
        Assert.Superset(new HashSet<string>(story) { "delivered", "fetched", "completed", "failed" }, steps);

        // How often the service repeats what it got no good answer for depends on the machine's pace; what was answered, it may not.
        Assert.All(topic.Confirmed, confirmed => Assert.InRange(confirmed.Value, 1, MostCopies));
    }

    [Fact]
    public async Task An_event_is_there_after_a_kill_in_the_moment_of_its_202()
    {
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder());

        for (var kill = 0; kill < TestLength.Rounds(3, whenLong: 10); kill++)
        {
            await scenario.Ledger.PostAsync(events: 1, Cancellation);
            await scenario.KillAsync();
            Assert.Equal(scenario.Ledger.Accepted.Order(), (await scenario.Ledger.ReadAllAsync(Cancellation)).Keys.Order());
        }

        await scenario.AllIsWellAsync();
    }
}
