using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Stores;

/// <summary>The embedded store over a file of its own.</summary>
/// <param name="maxRecentRecords">How many records it keeps in memory.</param>
public abstract class SqliteEventStoreConformance(int maxRecentRecords) : EventStoreConformance
{
    private SqliteDatabase? _database;

    private protected TemporaryFolder Folder { get; } = new();

    private protected SqliteDatabase Database => _database ??= new SqliteDatabase(Folder.File("events.db"), StoreSchema.Migrations);

    private protected SqliteEventStore Sqlite => (SqliteEventStore)Store;

    protected override Task<IEventStore> OpenAsync() => Task.FromResult<IEventStore>(
        new SqliteEventStore(Database, Time, sweepEvery: TimeSpan.FromMinutes(1), NullLogger.Instance, maxRecentRecords));

    protected override async Task CloseAsync(IEventStore store) => await ((SqliteEventStore)store).DisposeAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
