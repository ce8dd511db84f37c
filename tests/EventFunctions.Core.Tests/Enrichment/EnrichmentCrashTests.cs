using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute.ExceptionExtensions;

namespace EventFunctions.Tests.Enrichment;

public sealed class EnrichmentCrashTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_attempts_that_fetch_different_data_publish_the_same_event()
    {
        var scenario = new EnrichmentScenario();
        using var bothFetched = new Barrier(2);
        var answer = scenario.Fetched;
        scenario.Fetched = (n, url) =>
        {
            Assert.True(bothFetched.SignalAndWait(TimeSpan.FromSeconds(30), Cancellation));
            return answer(n, url);
        };

        await Task.WhenAll(scenario.DeliverAsync(), scenario.DeliverAsync());

        Assert.Equal(2, scenario.Fetches);
        Assert.Single(scenario.Store.Data);
        Assert.Equal(2, scenario.Published.Count);
        Assert.Single(scenario.Published.Distinct());
        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Equal(["recorded", "delivered", "fetched", "completed"], scenario.Record.Timeline.Select(e => e.What));
    }

    [Theory]
    [InlineData("before read")]
    [InlineData("after read")]
    [InlineData("before dispatch thin")]
    [InlineData("after dispatch thin")]
    [InlineData("before fetch")]
    [InlineData("after fetch")]
    [InlineData("before createData")]
    [InlineData("after createData")]
    [InlineData("before publish")]
    [InlineData("after publish")]
    [InlineData("before link")]
    [InlineData("after link")]
    [InlineData("before dispatch enriched")]
    [InlineData("after dispatch enriched")]
    [InlineData("before complete")]
    [InlineData("after complete")]
    public async Task After_a_crash_at_any_step_the_next_delivery_completes_the_event(string moment)
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Linked = true, Entity = new EntityKey(EnrichmentScenario.Key.Source, "policy-42") };
        scenario.CrashAt(moment);
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        scenario.Restart();
        scenario.Time.Advance(TimeSpan.FromSeconds(10));
        await scenario.DeliverAsync();

        AssertCompletedOnce(scenario);
        Assert.Single(scenario.Links);
    }

    [Theory]
    [InlineData("before delivered")]
    [InlineData("after delivered")]
    [InlineData("before readData")]
    [InlineData("after createData")]
    [InlineData("after publish")]
    public async Task After_a_crash_of_an_attempt_whose_read_missed_the_next_delivery_completes_the_event(string moment)
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Seen = _ => null;
        scenario.CrashAt(moment);
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        scenario.Restart();
        scenario.Time.Advance(TimeSpan.FromSeconds(10));
        await scenario.DeliverAsync();

        // Only the record has the event and its entity, so these parts wait until it can be read.
        Assert.Equal(EventParts.Thin | EventParts.Entity, scenario.Record.Pending);
        await scenario.RelayAsync();
        AssertCompletedOnce(scenario);
    }

    [Theory]
    [InlineData("before createData", 2)]
    [InlineData("after createData", 1)]
    [InlineData("after publish", 1)]
    public async Task Data_that_a_crashed_attempt_stored_is_not_fetched_again(string moment, int fetches)
    {
        var scenario = new EnrichmentScenario();
        scenario.CrashAt(moment);
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        scenario.Restart();
        scenario.Time.Advance(TimeSpan.FromSeconds(10));
        await scenario.DeliverAsync();

        Assert.Equal(fetches, scenario.Fetches);
    }

    [Fact]
    public async Task When_the_host_stops_the_attempt_ends_without_a_note()
    {
        var scenario = new EnrichmentScenario();
        using var stopping = new CancellationTokenSource();
        scenario.Fetched = (_, _) =>
        {
            stopping.Cancel();
            throw new OperationCanceledException(stopping.Token);
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => scenario.Enrichment.EnrichAsync(scenario.Delivered(), stopping.Token));

        Assert.Equal(["read"], scenario.Store.Steps);
        Assert.Equal(EventStatus.Recorded, scenario.Record.Status);
    }

    [Fact]
    public async Task A_store_that_is_down_from_the_start_makes_Event_Grid_come_again()
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Port.ReadAsync(default, Cancellation).ThrowsAsyncForAnyArgs(new StoreUnavailableException("down"));
        scenario.Store.Port.PatchAsync(default, default!, Cancellation).ThrowsAsyncForAnyArgs(new StoreUnavailableException("down"));

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        Assert.Equal(0, scenario.Fetches);
    }

    private static void AssertCompletedOnce(EnrichmentScenario scenario)
    {
        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Single(scenario.Store.Data);
        Assert.NotEmpty(scenario.Published);
        Assert.Single(scenario.Published.Distinct());
        var told = scenario.Record.Timeline.Select(e => e.What).Where(w => w is "fetched" or "completed").ToList();
        Assert.Equal(["fetched", "completed"], told);
        Assert.Equal(["enriched:0", "thin:0"], scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((EventParts.None, null), (scenario.Record.Pending, scenario.Record.RelayAt));
    }
}
