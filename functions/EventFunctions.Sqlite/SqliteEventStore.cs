using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Sqlite;

/// <summary>
/// The embedded event store: one SQLite file, written by <see cref="GroupCommit{TStatements}"/> and read beside it. One
/// process at a time may have it open.
/// </summary>
public sealed class SqliteEventStore : IEventStore, IErasableCopies, IAsyncDisposable
{
    private readonly GroupCommit<StoreWrites> _writer;
    private readonly ReaderPool<StoreReads> _readers;
    private readonly ExpirySweeper _sweeper;
    private readonly RecentRecords _recent;

    /// <summary>Opens the store. A file that cannot be used yet is not an error here: every call reports it until it can be used.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="time">Tells what has expired.</param>
    /// <param name="logger">Told of records that cannot be read.</param>
    /// <exception cref="SqliteSchemaException">The file was written by a newer version.</exception>
    public SqliteEventStore(IOptions<SqliteOptions> options, TimeProvider time, ILogger<SqliteEventStore> logger)
        : this(new SqliteDatabase(options.Value.Path, StoreSchema.Migrations), time, options.Value.SweepEvery, logger)
    {
    }

    internal SqliteEventStore(
        SqliteDatabase database, TimeProvider time, TimeSpan sweepEvery, ILogger logger, int maxRecentRecords = RecentRecords.DefaultMaxRecords)
    {
        var records = new RecordReader(logger);
        _recent = new RecentRecords(time, maxRecentRecords);
        try
        {
            using var connection = database.OpenWriter();
            if (CommitCount.Missing(database.Path, connection) is > 0 and var missing)
            {
                logger.LogCritical(
                    "{Path} has lost commits at its end ({Count}): a file is damaged, or an older copy was restored. Accepted events are missing; their producers can send them again.",
                    database.Path,
                    missing);
            }
        }
        catch (SqliteException)
        {
            // Locked or full: the writer tries again with its first write.
        }

        Database = database;
        _writer = new GroupCommit<StoreWrites>(database, connection => new StoreWrites(connection, time), (message, cause) => new StoreUnavailableException(message, cause), countsCommits: true);
        _readers = new ReaderPool<StoreReads>(database, connection => new StoreReads(connection, time, records));
        _sweeper = new ExpirySweeper(database, _writer, time, sweepEvery);
    }

    /// <summary>How many transactions were committed: many writes to one when calls come together.</summary>
    public long Transactions => _writer.Transactions;

    // The file has one writer, whatever is written to it.
    internal GroupCommit<StoreWrites> Writer => _writer;

    internal ReaderPool<StoreReads> Readers => _readers;

    // Lets tests fill the disk under a host, or make it read-only.
    internal SqliteDatabase Database { get; }

    /// <inheritdoc/>
    public Task<IReadOnlyList<bool>> CreateAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken)
    {
        var rows = new (EventRecord Record, byte[] Key, byte[] Document)[records.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (records[i], StoreKey.OfRecord(records[i].Key), DocumentJson.Write(records[i]));
        }

        var created = new RecentRecord?[rows.Length];
        return _writer.WriteAsync<IReadOnlyList<bool>>(
            writes =>
            {
                for (var i = 0; i < rows.Length; i++)
                {
                    created[i] = writes.Create(rows[i].Record, rows[i].Key, rows[i].Document);
                }

                return Array.ConvertAll(created, record => record is not null);
            },
            cancellationToken,
            () =>
            {
                for (var i = 0; i < created.Length; i++)
                {
                    if (created[i] is { } record)
                    {
                        _recent.Set(records[i].Key, record);
                    }
                }
            });
    }

    /// <inheritdoc/>
    public Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && _recent.Find(key) is { } recent
            ? Task.FromResult<EventRecord?>(recent.Record)
            : PointRead(reads => reads.Record(StoreKey.OfRecord(key)), cancellationToken);

    /// <inheritdoc/>
    public Task<PatchOutcome> PatchAsync(EventKey key, RecordPatch patch, CancellationToken cancellationToken)
    {
        var (outcome, changed) = (PatchOutcome.NotFound, (RecentRecord?)null);
        return _writer.WriteAsync(
            writes =>
            {
                (outcome, changed) = writes.Patch(key, patch, _recent.Find(key));
                return outcome;
            },
            cancellationToken,
            () =>
            {
                if (outcome == PatchOutcome.Applied)
                {
                    _recent.Set(key, changed);
                }
            });
    }

    /// <inheritdoc/>
    public Task<bool> CreateDataAsync(FullData data, CancellationToken cancellationToken)
    {
        var rowKey = StoreKey.OfData(data.Key, data.Run);
        var document = DocumentJson.Write(data);
        return _writer.WriteAsync(writes => writes.CreateData(data, rowKey, document), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FullData?> ReadDataAsync(EventKey key, int run, CancellationToken cancellationToken) =>
        PointRead(reads => reads.Data(StoreKey.OfData(key, run)), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> ReplaceOldDataAsync(FullData data, DateTimeOffset fetchedBefore, CancellationToken cancellationToken)
    {
        var rowKey = StoreKey.OfData(data.Key, data.Run);
        var document = DocumentJson.Write(data);
        return _writer.WriteAsync(writes => writes.ReplaceOldData(data, rowKey, document, fetchedBefore), cancellationToken);
    }

    /// <inheritdoc/>
    public Task ReplaceDataAsync(FullData data, CancellationToken cancellationToken)
    {
        var rowKey = StoreKey.OfData(data.Key, data.Run);
        var document = DocumentJson.Write(data);
        return _writer.WriteAsync(writes => writes.ReplaceData(data, rowKey, document), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<FailureSummary> ReadFailuresAsync(bool dismissed, CancellationToken cancellationToken) =>
        Scan(reads => reads.Failures.Read(dismissed), cancellationToken);

    /// <inheritdoc/>
    public Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1_000);
        return Scan(reads => reads.List(query), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EventRecord>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        Scan(reads => reads.Due(now, limit), cancellationToken);

    /// <summary>Makes all records due that the relay may ever publish, or finish: for a topic that may have lost them.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">They are not due.</exception>
    public async Task MakeOpenDueAsync(CancellationToken cancellationToken)
    {
        if ((await ReadDueAsync(DateTimeOffset.MaxValue, 1, cancellationToken)).Count > 0)
        {
            await _writer.WriteAsync(writes => writes.MakeOpenDue(), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public Task<ChangePage> ReadChangesAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        Scan(reads => reads.Changes(cursor, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken) => PointRead(reads => reads.NewestCursor(), cancellationToken);

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => PointRead(reads => reads.Record([]), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The store erases events itself; what is left are traces in its files.</remarks>
    public Task EraseAsync(Func<EventKey, Task<bool>> isErased, CancellationToken cancellationToken) => _writer.CleanAsync(cancellationToken);

    /// <summary>Commits what waits and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sweeper.DisposeAsync();
        _readers.Dispose();
        await _writer.DisposeAsync();
    }

    // Microseconds from the page cache: handing it to another thread would cost more.
    private Task<T> PointRead<T>(Func<StoreReads, T> read, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(_readers.Read(read, cancellationToken));
        }
        catch (OperationCanceledException e)
        {
            return Task.FromCanceled<T>(e.CancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    private Task<T> Scan<T>(Func<StoreReads, T> read, CancellationToken cancellationToken) => _readers.ScanAsync(read, cancellationToken);
}
