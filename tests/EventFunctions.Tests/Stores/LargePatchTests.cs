using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Sqlite;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

public sealed class LargePatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_patch_of_a_large_event_neither_unzips_nor_zips_its_payload()
    {
        using var connection = new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations).OpenWriter();
        using var writes = new StoreWrites(connection, TimeProvider.System);
        var record = StoreSamples.Record(data: StoreSamples.Random(950_000));
        Assert.NotNull(writes.Create(record, StoreKey.OfRecord(record.Key), DocumentJson.Write(record)));
        Patch();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Patch();

        // The document as text and as bytes; to unzip it, zip it and write it anew took three times as much.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6_000_000);

        void Patch() => Assert.Equal(
            PatchOutcome.Applied,
            writes.Patch(record.Key, RecordPatch.RelayLater(0, StoreSamples.Start, 1, new TimelineEntry(StoreSamples.Start, TimelineStep.Relayed, 0)), recent: null).Outcome);
    }

    public void Dispose() => _folder.Dispose();
}
