using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Stores;

/// <summary>The embedded store as it is used: records of events on their way are read from memory.</summary>
public sealed class RecentRecordsTests() : SqliteEventStoreConformance(RecentRecords.DefaultMaxRecords)
{
    [Fact]
    public async Task Memory_and_file_hold_the_same_after_each_change()
    {
        var now = StoreSamples.Start.AddTicks(1_234_567);
        var sent = StoreSamples.RecordWithEverything();
        var record = sent with
        {
            RecordedAt = now,
            RelayAt = now.AddSeconds(1),
            Status = EventStatus.Recorded,
            Run = 0,
            Erased = false,
            Timeline = [new(now, TimelineStep.Recorded)],
        };
        await Store.CreateAsync([record], Cancellation);
        await AreTheSameAsync();
        RecordPatch[] patches =
        [
            RecordPatch.RelayLater(0, now.AddMinutes(1), 1, new TimelineEntry(now.AddTicks(7), TimelineStep.PublishFailed)),
            RecordPatch.AttemptRecorded(0, new TimelineEntry(now.AddSeconds(2), TimelineStep.AttemptFailed) { Attempt = 1 }, now.AddHours(25)),
            RecordPatch.Failed(0, FailureReason.DataNotFound, [new TimelineEntry(now.AddSeconds(3), TimelineStep.Failed)]),
            RecordPatch.Replayed(0, new TimelineEntry(now.AddSeconds(4), TimelineStep.Replayed, 1), now.AddSeconds(4)),
            RecordPatch.AttemptRecorded(1, new TimelineEntry(now.AddSeconds(5), TimelineStep.AttemptFailed, 1) { Attempt = 1 }, now.AddHours(26)),
            RecordPatch.Erased(1, new TimelineEntry(now.AddSeconds(6), TimelineStep.Erased, 1)),
        ];
        foreach (var patch in patches)
        {
            Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, patch, Cancellation));
            await AreTheSameAsync();
        }

        async Task AreTheSameAsync()
        {
            var read = await Store.ReadAsync(record.Key, Cancellation);
            Assert.NotNull(read);
            Assert.Equivalent(Sqlite.Readers.Read(reads => reads.Record(StoreKey.OfRecord(record.Key)), Cancellation), read, strict: true);
            Assert.Equal(read.Event.Data is null, read.Erased);
        }
    }

    [Fact]
    public async Task Changes_that_share_a_transaction_all_take_effect()
    {
        var record = StoreSamples.Record();
        await Store.CreateAsync([record], Cancellation);
        var outcomes = await Task.WhenAll(Enumerable.Range(1, 20).Select(n =>
            Store.PatchAsync(record.Key, RecordPatch.AttemptRecorded(0, new(StoreSamples.Start.AddSeconds(n), TimelineStep.AttemptFailed), StoreSamples.Start.AddHours(n)), Cancellation)));
        Assert.All(outcomes, outcome => Assert.Equal(PatchOutcome.Applied, outcome));
        Assert.Equal(20, (await Store.ReadAsync(record.Key, Cancellation))?.Attempts);
    }

    [Fact]
    public async Task A_write_whose_caller_has_gone_is_remembered_all_the_same()
    {
        var record = StoreSamples.Record();
        await Store.CreateAsync([record], Cancellation);
        using var gone = new CancellationTokenSource();
        var abandoned = Store.PatchAsync(record.Key, RecordPatch.Failed(0, "why", [new(StoreSamples.Start, TimelineStep.Failed)]), gone.Token);
        await gone.CancelAsync();
        var isWritten = await Record.ExceptionAsync(() => abandoned) is null;

        // Writes are committed in their order.
        await Store.PatchAsync(record.Key, RecordPatch.EntryRecorded(new(StoreSamples.Start, TimelineStep.ConsumerDeadLettered)), Cancellation);
        var (read, stored) = (await Store.ReadAsync(record.Key, Cancellation), Sqlite.Readers.Read(reads => reads.Record(StoreKey.OfRecord(record.Key)), Cancellation));
        Assert.Equal(stored?.Status, read?.Status);
        Assert.True(!isWritten || read?.Status == EventStatus.Failed);
    }

    [Fact]
    public void A_full_memory_keeps_the_oldest_records_for_a_minute()
    {
        var time = new FakeTimeProvider();
        var recent = new RecentRecords(time, maxRecords: 2);
        Set("1");
        Set("2");
        Set("3");
        Assert.Equal(["1", "2"], Known());

        recent.Set(new EventKey("/s", "1"), State("1", EventStatus.Completed));
        Set("4");
        Assert.Equal(["2", "4"], Known());

        time.Advance(TimeSpan.FromMinutes(2));
        Set("5");
        Assert.Equal(["5"], Known());

        IEnumerable<string> Known() => Enumerable.Range(1, 5).Select(n => $"{n}").Where(id => recent.Find(new EventKey("/s", id)) is not null);

        void Set(string id) => recent.Set(new EventKey("/s", id), State(id, EventStatus.Recorded));

        static RecentRecord State(string id, EventStatus status) => new(StoreSamples.Record(id, source: "/s", status: status), 1, 1, null, 500);
    }

    [Fact]
    public void A_large_record_stays_out_of_memory()
    {
        var recent = new RecentRecords(TimeProvider.System);
        var record = StoreSamples.Record("1");
        recent.Set(record.Key, new RecentRecord(record, 1, 1, null, 100_000));
        Assert.Null(recent.Find(record.Key));
    }
}
