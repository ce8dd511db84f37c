using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>Changes of a record: what may follow what, and races.</content>
public abstract partial class EventStoreConformance
{
    /// <summary>All the changes there are.</summary>
    public enum Change
    {
        Delivered,
        AttemptNoted,
        Completed,
        Failed,
        DeadLettered,
        Replayed,
        Dismissed,
        Restored,
        Erased,
        RelayLater,
    }

    private static readonly EventStatus[] Statuses =
        [EventStatus.Recorded, EventStatus.Filtered, EventStatus.Enriching, EventStatus.Completed, EventStatus.Failed, EventStatus.DeadLettered];

    // The table of transitions: which statuses a change may leave, and the status it leads to; null keeps it.
    private static (EventStatus[] From, EventStatus? To) Rule(Change change)
    {
        EventStatus[] open = [EventStatus.Recorded, EventStatus.Enriching];
        return change switch
        {
            Change.Delivered => (open, null),
            Change.AttemptNoted => (open, EventStatus.Enriching),
            Change.Completed => ([.. open, EventStatus.Failed, EventStatus.DeadLettered], EventStatus.Completed),
            Change.Failed => (open, EventStatus.Failed),
            Change.DeadLettered => (open, EventStatus.DeadLettered),
            Change.Replayed => ([EventStatus.Completed, EventStatus.Filtered, EventStatus.Failed, EventStatus.DeadLettered], EventStatus.Recorded),
            Change.Dismissed => ([EventStatus.Failed, EventStatus.DeadLettered], null),
            Change.Restored => ([], null),
            Change.Erased => (Statuses, null),
            _ => (open, null),
        };
    }

    protected static RecordPatch Patch(Change change, int run = 0)
    {
        var at = StoreSamples.Start.AddSeconds(5);
        return change switch
        {
            Change.Delivered => RecordPatch.Delivered(run, new(at, TimelineStep.Delivered, run)),
            Change.AttemptNoted => RecordPatch.AttemptRecorded(run, new(at, TimelineStep.AttemptFailed, run) { Attempt = 1 }, at.AddHours(25)),
            Change.Completed => RecordPatch.Completed(
                run, [new(at, TimelineStep.Delivered, run), new(at, TimelineStep.Fetched, run), new(at, TimelineStep.Completed, run)], TimeSpan.FromDays(30)),
            Change.Failed => RecordPatch.Failed(run, FailureReason.DataNotFound, [new(at, TimelineStep.Failed, run) { Detail = "404" }]),
            Change.DeadLettered => RecordPatch.DeadLettered(run, "MaxDeliveryAttemptsExceeded", new(at, TimelineStep.DeadLettered, run)),
            Change.Replayed => RecordPatch.Replayed(run, new(at, TimelineStep.Replayed, run + 1), at),
            Change.Dismissed => RecordPatch.Dismissed(run, new(at, TimelineStep.Dismissed, run), TimeSpan.FromDays(30)),
            Change.Restored => RecordPatch.Restored(run, new(at, TimelineStep.Restored, run)),
            Change.Erased => RecordPatch.Erased(run, new(at, TimelineStep.Erased, run)),
            _ => RecordPatch.RelayLater(run, at.AddMinutes(1), 2, new(at, TimelineStep.PublishFailed, run)),
        };
    }

    public static MatrixTheoryData<EventStatus, Change> EveryStatusAndChange => new(Statuses, Enum.GetValues<Change>());

    [Theory]
    [MemberData(nameof(EveryStatusAndChange))]
    public async Task A_change_applies_to_the_statuses_it_may_leave_and_to_no_other(EventStatus from, Change change)
    {
        var record = await CreateAsync(StoreSamples.Record(status: from) with { Attempts = 3, RelayFailures = 1 });
        var allowed = Rule(change).From.Contains(from);

        var outcome = await Store.PatchAsync(record.Key, Patch(change), Cancellation);

        var changed = await Store.ReadAsync(record.Key, Cancellation);
        Assert.Equal(allowed ? PatchOutcome.Applied : PatchOutcome.NotApplied, outcome);
        Assert.Equal(allowed ? Rule(change).To ?? from : from, changed?.Status);
        StoreSamples.AssertSame(Patch(change).TryApply(record, out var expected) ? expected : record, changed);
    }

    [Theory]
    [MemberData(nameof(EveryStatusAndChange))]
    public async Task A_change_of_another_run_never_applies(EventStatus from, Change change)
    {
        var record = await CreateAsync(StoreSamples.Record(status: from) with { Run = 1 });

        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, Patch(change, run: 0), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, Patch(change, run: 2), Cancellation));
        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task What_an_ended_run_left_is_due_until_it_is_done()
    {
        var at = StoreSamples.Start.AddSeconds(5);
        var record = await CreateAsync(StoreSamples.Record());

        await ApplyAsync(Patch(Change.Failed).Leaving(EventParts.Thin, at));
        await ApplyAsync(RecordPatch.PartsDeferred(record, at.AddMinutes(1), 1));
        var due = Assert.Single(await Store.ReadDueAsync(at.AddMinutes(1), 10, Cancellation));
        Assert.Equal((EventParts.Thin, 1, at.AddMinutes(1)), (due.Pending, due.RelayFailures, due.RelayAt));

        // The end that came later says what is left now, and ends what was read before it.
        await ApplyAsync(Patch(Change.Completed).Leaving(EventParts.Thin | EventParts.Enriched, at));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, RecordPatch.PartsDone(due), Cancellation));
        Assert.Equal(EventParts.Thin | EventParts.Enriched, Assert.Single(await Store.ReadDueAsync(at, 10, Cancellation)).Pending);

        // Two relays had read it: what the one has done is not put off by the other.
        var read = record;
        await ApplyAsync(RecordPatch.PartsDone(record));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, RecordPatch.PartsDeferred(read, at.AddHours(1), 2), Cancellation));
        Assert.Empty(await Store.ReadDueAsync(at.AddDays(1), 10, Cancellation));
        Assert.Equal((EventParts.None, null), (record.Pending, record.RelayAt));

        async Task ApplyAsync(RecordPatch patch)
        {
            Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, patch, Cancellation));
            Assert.True(patch.TryApply(record, out var expected));
            record = (await Store.ReadAsync(record.Key, Cancellation))!;
            StoreSamples.AssertSame(expected, record);
        }
    }

    [Fact]
    public async Task A_replay_begins_a_run_that_goes_all_the_way_again()
    {
        var record = await CreateAsync(StoreSamples.Record());
        foreach (var (change, run) in new[] { (Change.AttemptNoted, 0), (Change.Failed, 0), (Change.Replayed, 0), (Change.AttemptNoted, 1), (Change.Completed, 1) })
        {
            Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, Patch(change, run), Cancellation));
        }

        var replayed = await Store.ReadAsync(record.Key, Cancellation);
        Assert.Equal((1, EventStatus.Completed, 1, null), (replayed!.Run, replayed.Status, replayed.Attempts, replayed.Reason));
        Assert.Equal([0, 0, 0, 1, 1, 1, 1, 1], replayed.Timeline.Select(entry => entry.Run));
    }

    [Theory]
    [InlineData(Change.Failed)]
    [InlineData(Change.DeadLettered)]
    [InlineData(Change.Completed)]
    [InlineData(Change.Replayed)]
    public async Task Of_concurrent_changes_that_exclude_each_other_exactly_one_wins(Change change)
    {
        var from = change == Change.Replayed ? EventStatus.Failed : EventStatus.Recorded;
        var record = await CreateAsync(StoreSamples.Record(status: from));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => Store.PatchAsync(record.Key, Patch(change), Cancellation))));

        Assert.Single(outcomes, PatchOutcome.Applied);
        Assert.Equal(39, outcomes.Count(outcome => outcome == PatchOutcome.NotApplied));
        Patch(change).TryApply(record, out var expected);
        StoreSamples.AssertSame(expected!, await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task Concurrent_changes_that_may_all_apply_lose_nothing()
    {
        var record = await CreateAsync(StoreSamples.Record());

        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => Task.Run(() => Store.PatchAsync(record.Key, Patch(Change.AttemptNoted), Cancellation))));

        Assert.All(outcomes, outcome => Assert.Equal(PatchOutcome.Applied, outcome));
        var changed = await Store.ReadAsync(record.Key, Cancellation);
        Assert.Equal((40, 41), (changed!.Attempts, changed.Timeline.Length));
    }

    [Fact]
    public async Task Success_wins_over_a_failure_whichever_comes_first()
    {
        var record = await CreateAsync(StoreSamples.Record());

        await Task.WhenAll(
            Task.Run(() => Store.PatchAsync(record.Key, Patch(Change.Failed), Cancellation)),
            Task.Run(() => Store.PatchAsync(record.Key, Patch(Change.Completed), Cancellation)),
            Task.Run(() => Store.PatchAsync(record.Key, Patch(Change.DeadLettered), Cancellation)));

        Assert.Equal(EventStatus.Completed, (await Store.ReadAsync(record.Key, Cancellation))?.Status);
    }

    [Theory]
    [InlineData(EventStatus.Recorded)]
    [InlineData(EventStatus.Completed)]
    [InlineData(EventStatus.DeadLettered)]
    public async Task A_note_is_taken_on_any_record_of_any_run_and_once(EventStatus status)
    {
        var record = await CreateAsync(StoreSamples.Record(status: status) with { Run = 2 });
        var entry = new TimelineEntry(StoreSamples.Start.AddTicks(12_345_678), TimelineStep.ConsumerDeadLettered)
        {
            Detail = "crm: \"it's\" \\ broken\n' OR true) --, ü 漢 😀",
            Attempt = 30,
        };
        var other = entry with { Detail = "erp: another" };

        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, RecordPatch.EntryRecorded(entry), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, RecordPatch.EntryRecorded(entry), Cancellation));
        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, RecordPatch.EntryRecorded(other), Cancellation));
        Assert.Equal(PatchOutcome.NotFound, await Store.PatchAsync(record.Key with { Id = "none" }, RecordPatch.EntryRecorded(entry), Cancellation));

        var at = StoreSamples.Start.AddMilliseconds(1_234);
        StoreSamples.AssertSame(
            record with { Timeline = [.. record.Timeline, entry with { At = at }, other with { At = at }] },
            await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task A_change_that_is_made_once_is_not_made_again_after_it_was_undone()
    {
        var record = StoreSamples.Record(status: EventStatus.Failed);
        await Store.CreateAsync([record], Cancellation);
        var at = StoreSamples.Start;

        Assert.Equal(PatchOutcome.Applied, await DismissAsync("job 1"));
        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, RecordPatch.Restored(0, new(at, TimelineStep.Restored, 0)), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await DismissAsync("job 1"));
        Assert.Equal(PatchOutcome.Applied, await DismissAsync("job 2"));

        Task<PatchOutcome> DismissAsync(string detail)
        {
            at = at.AddSeconds(1);
            return Store.PatchAsync(record.Key, RecordPatch.Dismissed(0, new(at, TimelineStep.Dismissed, 0) { Detail = detail }, null).Once(), Cancellation);
        }
    }

    [Fact]
    public async Task A_note_that_many_bring_at_once_is_taken_once()
    {
        var record = await CreateAsync(StoreSamples.Record());
        var note = RecordPatch.EntryRecorded(new TimelineEntry(StoreSamples.Start, TimelineStep.ConsumerDeadLettered) { Detail = "crm" });

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => Store.PatchAsync(record.Key, note, Cancellation))));

        Assert.Single(outcomes, PatchOutcome.Applied);
        Assert.Equal(2, (await Store.ReadAsync(record.Key, Cancellation))?.Timeline.Length);
    }

    [Fact]
    public async Task A_timeline_stays_within_its_bound_and_counts_what_it_folds()
    {
        var record = await CreateAsync(StoreSamples.Record());
        for (var i = 0; i < 150; i++)
        {
            await Store.PatchAsync(record.Key, Patch(Change.AttemptNoted), Cancellation);
        }

        var changed = await Store.ReadAsync(record.Key, Cancellation);
        Assert.InRange(changed!.Timeline.Length, 2, Timeline.Capacity);
        Assert.Equal(TimelineStep.Recorded, changed.Timeline[0].What);
        Assert.Equal(150, changed.Timeline.Skip(1).Sum(entry => entry.Count ?? 1));
        Assert.Equal(150, changed.Attempts);
    }
}
