using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The event store's writes, prepared on the writer's connection.</summary>
internal sealed class StoreWrites : IDisposable
{
    // Changes are counted by what is stored; last_change keeps the count when the newest records expire.
    private const string LastChange = "SELECT max(last_change, coalesce((SELECT max(change) FROM records), 0)) FROM store";

    private readonly TimeProvider _time;
    private readonly EntityRanges _ranges;
    private readonly SqliteStatement _create;
    private readonly SqliteStatement _removeExpired;
    private readonly SqliteStatement _read;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _updateFailure;
    private readonly SqliteStatement _countFailure;
    private readonly SqliteStatement _addGroup;
    private readonly SqliteStatement _removeGroups;
    private readonly SqliteStatement _createData;
    private readonly SqliteStatement _replaceData;
    private readonly SqliteStatement _readData;
    private readonly SqliteStatement _makeDue;
    private readonly SqliteStatement _keepCount;
    private readonly SqliteStatement _sweepRecords;
    private readonly SqliteStatement _sweepData;

    // Only this writer counts; a transaction that is rolled back leaves a gap.
    private long _change;

    public StoreWrites(SqliteConnection connection, TimeProvider time)
    {
        _time = time;
        Documents = new DocumentWrites(connection, time);
        Messages = new MessageWrites(connection, time);
        _ranges = new EntityRanges(connection);

        // No common write runs a trigger or returns a row, because SQLite then copies each page that the statement changes.
        _create = new(connection, $"""
            INSERT INTO records (seq, change, key, status, relay_at, expires_at, source, type, subject, entity_range, entity, failure, document)
            VALUES (
                max(?2, coalesce((SELECT max(seq) FROM records WHERE seq < ?2 + {RecordNumber.PerMillisecond}) + 1, ?2)),
                ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?13, ?10, ?11, ?12)
            ON CONFLICT (key) DO NOTHING
            """);
        _removeExpired = new(connection, "DELETE FROM records WHERE key = ?1 AND expires_at <= ?2");
        _read = new(connection, "SELECT seq, change, document FROM records WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        _update = new(connection, Update(""));
        _updateFailure = new(connection, Update(", failure = ?9"));
        _countFailure = new(connection, "UPDATE failures SET count = count + 1 WHERE id = ?1");
        _addGroup = new(connection, """
            INSERT INTO failures (count, dismissed, again, producer, type, reason) VALUES (0, ?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET count = count RETURNING id
            """);
        _removeGroups = new(connection, "DELETE FROM failures WHERE count = 0");
        _createData = new(connection, """
            INSERT INTO data (key, expires_at, document) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, document = excluded.document WHERE data.expires_at <= ?4
            """);
        _replaceData = new(connection, """
            INSERT INTO data (key, expires_at, document) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at, document = excluded.document
            """);
        _readData = new(connection, "SELECT document FROM data WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        _makeDue = new(connection, "UPDATE records INDEXED BY records_due SET relay_at = ?1 WHERE relay_at > ?1");
        _keepCount = new(connection, $"""
            UPDATE store SET last_change = ({LastChange})
            WHERE EXISTS (SELECT 1 FROM records INDEXED BY records_expiring WHERE expires_at <= ?1)
            """);
        _sweepRecords = new(connection, """
            DELETE FROM records WHERE seq IN (
                SELECT seq FROM records INDEXED BY records_expiring WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """);
        _sweepData = new(connection, """
            DELETE FROM data WHERE seq IN (
                SELECT seq FROM data INDEXED BY data_expiring WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """);
        using var lastChange = new SqliteStatement(connection, LastChange);
        _change = lastChange.Single(row => row.Int64(0));
    }

    /// <summary>The writes of documents.</summary>
    public DocumentWrites Documents { get; }

    /// <summary>The writes of queues.</summary>
    public MessageWrites Messages { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Inserts a record, or puts it in the place of one that has expired.</summary>
    /// <returns>Its state once it is committed; null if the key is taken.</returns>
    public RecentRecord? Create(EventRecord record, byte[] key, byte[] document)
    {
        var expiresAt = ExpiresAt(record.TimeToLive);
        var number = RecordNumber.From(record.RecordedAt);
        var entity = EntityOf(record);
        var group = GroupOf(record);
        _create.Bind(1, ++_change)
            .Bind(2, number)
            .BindBlob(3, key)
            .Bind(4, (long)record.Status)
            .Bind(5, record.RelayAt?.ToUnixTimeMilliseconds())
            .Bind(6, expiresAt)
            .Bind(7, record.Event.Source)
            .Bind(8, record.Event.Type)
            .Bind(9, record.Event.Subject)
            .Bind(10, entity)
            .Bind(11, group)
            .BindUtf8(12, document)
            .Bind(13, entity is null or "" ? null : _ranges.RangeOf(number));
        if (_create.Run() == 0 && (_removeExpired.BindBlob(1, key).Bind(2, Now).Run() == 0 || _create.Run() == 0))
        {
            return null;
        }

        if (group is not null)
        {
            _countFailure.Bind(1, group).Run();
        }

        var created = new RecentRecord(record, _create.InsertedRow, _change, expiresAt, document.Length);
        _ranges.Add(created.Number);
        return created;
    }

    /// <summary>Changes a record.</summary>
    /// <param name="key">The record's event.</param>
    /// <param name="patch">Predicate and change.</param>
    /// <param name="recent">A state of it that may be the newest; null if none is known.</param>
    /// <returns>What came of it, and the record's state once that is committed; null if the state is not known with its data.</returns>
    public (PatchOutcome Outcome, RecentRecord? Changed) Patch(EventKey key, RecordPatch patch, RecentRecord? recent)
    {
        if (recent is not null && patch.TryApply(recent.Record, out var changed) && Update(recent.Number, recent.Change, recent.Record, changed, DocumentJson.Write(changed)) is { } updated)
        {
            return (PatchOutcome.Applied, updated);
        }

        var (number, change, stored) = _read.BindBlob(1, StoreKey.OfRecord(key)).Bind(2, Now)
            .Single(row => (row.Int64(0), row.Int64(1), DocumentJson.ReadDocument(row.Bytes(2))));
        if (stored is null)
        {
            return (PatchOutcome.NotFound, null);
        }

        // No patch looks at the data, and all but an erasure leave it as it is.
        var before = stored.ToRecord(withData: false);
        if (!patch.TryApply(before, out changed))
        {
            return (PatchOutcome.NotApplied, null);
        }

        Update(number, change, before, changed, DocumentJson.Write(changed, stored));
        return (PatchOutcome.Applied, null);
    }

    public bool CreateData(FullData data, byte[] key, byte[] document) =>
        _createData.BindBlob(1, key).Bind(2, ExpiresAt(data.TimeToLive)).BindUtf8(3, document).Bind(4, Now).Run() == 1;

    /// <summary>Replaces full data that was fetched before a time.</summary>
    public bool ReplaceOldData(FullData data, byte[] key, byte[] document, DateTimeOffset fetchedBefore) =>
        _readData.BindBlob(1, key).Bind(2, Now).Single(row => DocumentJson.ReadData(row.Bytes(0))) is { } there
        && there.FetchedAt < fetchedBefore
        && ReplaceData(data, key, document) == 1;

    public int ReplaceData(FullData data, byte[] key, byte[] document) =>
        _replaceData.BindBlob(1, key).Bind(2, ExpiresAt(data.TimeToLive)).BindUtf8(3, document).Run();

    public int MakeOpenDue() => _makeDue.Bind(1, Now).Run();

    /// <summary>Removes some expired rows.</summary>
    /// <returns>How many rows there were to remove, at most the limit for each table.</returns>
    public int Sweep(int limit)
    {
        _keepCount.Bind(1, Now).Run();
        _removeGroups.Run();
        return _sweepRecords.Bind(1, Now).Bind(2, limit).Run() + _sweepData.Bind(1, Now).Bind(2, limit).Run() + Documents.Sweep(limit);
    }

    public void Dispose()
    {
        foreach (var statement in new[] { _create, _removeExpired, _read, _update, _updateFailure, _countFailure, _addGroup, _removeGroups, _createData, _replaceData, _readData, _makeDue, _keepCount, _sweepRecords, _sweepData })
        {
            statement.Dispose();
        }

        Documents.Dispose();
        Messages.Dispose();
        _ranges.Dispose();
    }

    private static string Update(string failure) => $"""
        UPDATE records SET change = ?2, status = ?3, relay_at = ?4, expires_at = ?5, document = ?6{failure}
        WHERE seq = ?1 AND change = ?7 AND (expires_at IS NULL OR expires_at > ?8)
        """;

    // Null where another change was first.
    private RecentRecord? Update(long number, long change, EventRecord before, EventRecord changed, byte[] document)
    {
        var expiresAt = ExpiresAt(changed.TimeToLive);
        var isFailure = ((before.Status | changed.Status) & EventStatus.Failure) != 0;
        var update = isFailure ? _updateFailure.Bind(9, GroupOf(changed)) : _update;
        var isUpdated = update.Bind(1, number)
            .Bind(2, ++_change)
            .Bind(3, (long)changed.Status)
            .Bind(4, changed.RelayAt?.ToUnixTimeMilliseconds())
            .Bind(5, expiresAt)
            .BindUtf8(6, document)
            .Bind(7, change)
            .Bind(8, Now)
            .Run() == 1;
        return isUpdated ? new RecentRecord(changed, number, _change, expiresAt, document.Length) : null;
    }

    // Most events are about their own subject. The entity's source is the event's.
    private static string? EntityOf(EventRecord record) =>
        record.Entity is not { } entity ? null : entity.Subject == record.Event.Subject ? "" : entity.Subject;

    private long? GroupOf(EventRecord record) => (record.Status & EventStatus.Failure) == 0
        ? null
        : _addGroup.Bind(1, record.Dismissed ? 1 : 0)
            .Bind(2, record.Run > 0 ? 1 : 0)
            .Bind(3, record.Producer)
            .Bind(4, record.Event.Type)
            .Bind(5, record.Reason ?? "")
            .Single(row => row.Int64(0));

    private long? ExpiresAt(TimeSpan? timeToLive) => TimeToLive.ToSeconds(timeToLive) is { } seconds ? Now + (seconds * 1_000L) : null;
}
