using System.Diagnostics;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Intake;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Cosmos;

public sealed class CosmosFaultTests(CosmosAccount account)
{
    private static readonly RecordPatch Noted = RecordPatch.AttemptRecorded(
        0, new TimelineEntry(StoreSamples.Start, TimelineStep.AttemptFailed) { Attempt = 1 }, StoreSamples.Start.AddHours(25));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_meets_no_trouble_takes_three_writes_and_one_point_read()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var scenario = new CosmosScenario(database);
        await scenario.SendAsync("warm");
        await scenario.DeliverAsync();
        database.Network.Requests.Clear();
        scenario.Published.Clear();

        await scenario.SendAsync("1");
        await scenario.DeliverAsync();

        Assert.Equal(["1", "1:enriched"], scenario.Ids());
        Assert.Equal(["POST", "GET", "POST", "PATCH"], database.Network.Requests);
    }

    [Fact]
    public async Task An_event_of_a_type_with_changes_asks_its_entity_for_the_one_before_and_is_linked_with_one_write()
    {
        await using var database = await TestDatabase.CreateAsync(account, withDocuments: true);
        var scenario = new CosmosScenario(database, compares: true);
        await scenario.SendAsync("warm", "another");
        await scenario.DeliverAsync();
        database.Network.Requests.Clear();
        scenario.Published.Clear();

        await scenario.SendAsync("1", "policy-7");
        await scenario.DeliverAsync();
        var first = database.Network.Requests.ToList();
        database.Network.Requests.Clear();
        scenario.Published.Clear();
        scenario.Time.Advance(TimeSpan.FromSeconds(1));
        await scenario.SendAsync("2", "policy-7");
        await scenario.DeliverAsync();

        Assert.Equal(["POST", "GET", "plan", "query", "POST", "POST", "PATCH"], first);
        Assert.Equal(["POST", "GET", "plan", "query", "GET", "POST", "POST", "PATCH"], database.Network.Requests);
    }

    public static TheoryData<Fault> Passing =>
        [Fault.TooManyRequests, Fault.TooManyRequestsWithPause, Fault.RetryWith, Fault.ServiceUnavailable, Fault.RequestTimeout, Fault.ResetBefore, Fault.ResetAfter];

    [Theory]
    [MemberData(nameof(Passing))]
    public async Task However_requests_fail_on_the_way_no_event_is_lost_or_doubled(Fault fault)
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var scenario = new CosmosScenario(database);
        var requests = 0;
        string[] ids = ["a", "b", "c", "d"];

        // In no rhythm that what comes in threes could fall into: each kind of request meets the fault, and gets through.
        const string met = "x.x..x...x....";
        database.Network.Choose = _ => met[(Interlocked.Increment(ref requests) - 1) % met.Length] == 'x' ? fault : Fault.None;
        foreach (var id in ids)
        {
            Assert.NotEqual(IntakeVerdict.Conflict, (await scenario.SendAsync(id)).Verdict);
        }

        await scenario.RelayAsync();
        await scenario.DeliverAsync();
        await scenario.DeliverAsync();

        database.Network.Choose = _ => Fault.None;
        Assert.Equal(ids, (await scenario.Store.ListAsync(new EventQuery(), Stop)).Items.Select(record => record.Key.Id).Order());
        foreach (var id in ids)
        {
            var record = await scenario.Store.ReadAsync(CosmosScenario.Key(id), Stop);
            Assert.Equal(EventStatus.Completed, record!.Status);
            Assert.Single(record.Timeline, entry => entry.What == TimelineStep.Completed);
            Assert.NotNull(await scenario.Store.ReadDataAsync(record.Key, 0, Stop));
            Assert.Single(scenario.Published.Where(sent => sent.Contains($"\"{id}:enriched\"", StringComparison.Ordinal)).Distinct());
        }
    }

    [Theory]
    [InlineData(Fault.ResetAfter)]
    [InlineData(Fault.ResetBefore)]
    [InlineData(Fault.TooManyRequestsWithPause)]
    public async Task A_patch_that_is_sent_twice_is_applied_once(Fault fault)
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var store = database.EventStore;
        var record = StoreSamples.Record();
        await store.CreateAsync([record], Stop);
        database.Network.Choose = Once(HttpMethod.Patch, fault);

        Assert.Equal(PatchOutcome.Applied, await store.PatchAsync(record.Key, Noted, Stop));

        var changed = await store.ReadAsync(record.Key, Stop);
        Assert.Equal((1, 2), (changed!.Attempts, changed.Timeline.Length));
        Assert.True(database.Network.Requests.Count(request => request == "PATCH") >= 2);
    }

    [Fact]
    public async Task A_patch_that_has_to_fold_the_timeline_is_applied_once_even_if_its_answer_is_lost()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var store = database.EventStore;
        var record = StoreSamples.Record() with
        {
            Timeline = [.. Enumerable.Repeat(new TimelineEntry(StoreSamples.Start, TimelineStep.AttemptFailed), Timeline.Capacity)],
        };
        await store.CreateAsync([record], Stop);
        database.Network.Choose = Once(HttpMethod.Put, Fault.ResetAfter);

        Assert.Equal(PatchOutcome.Applied, await store.PatchAsync(record.Key, Noted, Stop));

        var changed = await store.ReadAsync(record.Key, Stop);
        Assert.Equal(1, changed!.Attempts);
        Assert.Equal(Timeline.Capacity + 1, changed.Timeline.Sum(entry => entry.Count ?? 1));
    }

    [Fact]
    public async Task A_create_whose_answer_is_lost_knows_its_own_record()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var store = database.EventStore;
        var record = StoreSamples.Record();
        database.Network.Choose = Once(HttpMethod.Post, Fault.ResetAfter);

        Assert.Equal([true], await store.CreateAsync([record], Stop));
        Assert.Equal([false], await store.CreateAsync([record], Stop));
        StoreSamples.AssertSame(record, await store.ReadAsync(record.Key, Stop));
    }

    [Fact]
    public async Task An_event_whose_record_was_written_but_not_answered_is_accepted_and_published_at_once_and_once()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var scenario = new CosmosScenario(database);
        database.Network.Choose = Once(HttpMethod.Post, Fault.ResetAfter);

        var first = await scenario.SendAsync("1");
        var second = await scenario.SendAsync("1");

        Assert.Equal((IntakeVerdict.Accepted, IntakeVerdict.Duplicate), (first.Verdict, second.Verdict));
        Assert.Equal(["1"], scenario.Ids());
    }

    [Fact]
    public async Task Of_concurrent_repeats_one_is_accepted_and_published_whichever_answers_are_lost()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var scenario = new CosmosScenario(database);
        var creates = 0;
        database.Network.Choose = method => method == HttpMethod.Post && Interlocked.Increment(ref creates) <= 8 ? Fault.ResetAfter : Fault.None;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scenario.SendAsync("1"))));

        Assert.Single(outcomes, outcome => outcome.Verdict == IntakeVerdict.Accepted);
        Assert.Equal(7, outcomes.Count(outcome => outcome.Verdict == IntakeVerdict.Duplicate));
        Assert.Equal(["1"], scenario.Ids());
    }

    [Theory]
    [InlineData(Fault.TooManyRequests)]
    [InlineData(Fault.TooManyRequestsWithPause)]
    [InlineData(Fault.ServiceUnavailable)]
    [InlineData(Fault.RequestTimeout)]
    [InlineData(Fault.ResetBefore)]
    [InlineData(Fault.NoAnswer)]
    public async Task A_store_that_does_not_come_back_is_unavailable_within_the_budget(Fault fault)
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var store = new CosmosEventStore(database.Events, new RecordReader(NullLogger.Instance), TimeSpan.FromSeconds(1));
        var record = StoreSamples.Record();
        await database.EventStore.CreateAsync([record], Stop);
        database.Network.Choose = _ => fault;
        Func<Task>[] calls =
        [
            () => store.CreateAsync([StoreSamples.Record()], Stop),
            () => store.CreateAsync([StoreSamples.Record(), StoreSamples.Record()], Stop),
            () => store.ReadAsync(record.Key, Stop),
            () => store.PatchAsync(record.Key, Noted, Stop),
            () => store.CreateDataAsync(StoreSamples.FullData(record.Key), Stop),
            () => store.ReadDataAsync(record.Key, 0, Stop),
            () => store.CheckAsync(Stop),
        ];

        var clock = Stopwatch.StartNew();
        var errors = await Task.WhenAll(calls.Select(call => Assert.ThrowsAsync<StoreUnavailableException>(call)));

        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.All(errors, error => Assert.True(error.RetryAfter is null || fault == Fault.TooManyRequestsWithPause));
        database.Network.Choose = _ => Fault.None;
        StoreSamples.AssertSame(record, await database.EventStore.ReadAsync(record.Key, Stop));
    }

    [Fact]
    public async Task A_pause_that_the_account_asks_for_is_passed_on()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var store = database.EventStore;
        database.Network.Choose = _ => Fault.TooManyRequestsWithPause;

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ReadAsync(CosmosScenario.Key("1"), Stop));

        Assert.Equal(TimeSpan.FromMilliseconds(20), error.RetryAfter);
    }

    private static Func<HttpMethod, Fault> Once(HttpMethod method, Fault fault)
    {
        var met = 0;
        return actual => actual == method && Interlocked.Exchange(ref met, 1) == 0 ? fault : Fault.None;
    }
}
