using System.Globalization;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The event store's reads, prepared on one reading connection.</summary>
internal sealed class StoreReads : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly RecordReader _reader;
    private readonly SqliteStatement _record;
    private readonly SqliteStatement _data;
    private readonly SqliteStatement _due;
    private readonly SqliteStatement _count;
    private readonly SqliteStatement _changes;
    private readonly SqliteStatement _nextMessage;
    private readonly SqliteStatement _claims;

    public StoreReads(SqliteConnection connection, TimeProvider time, RecordReader reader)
    {
        (_connection, _time, _reader) = (connection, time, reader);
        Documents = new DocumentReads(connection, time);
        Failures = new FailureReads(connection, time);
        _record = new(connection, "SELECT document FROM records WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        _data = new(connection, "SELECT document FROM data WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        _due = new(connection, """
            SELECT document FROM records INDEXED BY records_due
            WHERE relay_at <= ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY relay_at, seq LIMIT ?3
            """);
        _count = new(connection, "SELECT identity, max(last_change, coalesce((SELECT max(change) FROM records), 0)) FROM store");
        _changes = new(connection, """
            SELECT document, change FROM records INDEXED BY records_by_change
            WHERE change > ?1 AND (expires_at IS NULL OR expires_at > ?2) ORDER BY change LIMIT ?3
            """);
        _claims = new(connection, "SELECT EXISTS (SELECT 1 FROM messages WHERE claimed)");
        _nextMessage = new(connection, "SELECT visible_at FROM messages INDEXED BY messages_due WHERE queue = ?1 ORDER BY visible_at LIMIT 1");
    }

    /// <summary>The reads of documents.</summary>
    public DocumentReads Documents { get; }

    /// <summary>The reads of failures in groups.</summary>
    public FailureReads Failures { get; }

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public EventRecord? Record(byte[] key) => _record.BindBlob(1, key).Bind(2, Now).Single(row => DocumentJson.ReadRecord(row.Bytes(0)));

    public FullData? Data(byte[] key) => _data.BindBlob(1, key).Bind(2, Now).Single(row => DocumentJson.ReadData(row.Bytes(0)));

    public IReadOnlyList<EventRecord> Due(DateTimeOffset now, int limit)
    {
        _due.Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, Now).Bind(3, limit);
        return ReadPage(_due, documentColumn: 0, limit, withData: true, _ => { }).Records;
    }

    public EventPage List(EventQuery query)
    {
        using var statement = new SqliteListQuery(query, Now, query.Limit + 1).Prepare(_connection);
        var continuation = "";
        var (records, more) = ReadPage(
            statement, documentColumn: 1, query.Limit, query.WithData, row => continuation = SqliteListQuery.Continue(row.Int64(0)));
        return new EventPage(records, more ? continuation : null);
    }

    /// <summary>
    /// Reads changes after a cursor. The cursor also names the store: the number of another store would skip records silently.
    /// </summary>
    public ChangePage Changes(string? cursor, int limit)
    {
        var (identity, newest) = _count.Single(row => (row.Text(0)!, row.Int64(1)));
        var change = cursor is null ? 0 : Parse(cursor, identity, newest);
        while (true)
        {
            var before = change;
            _changes.Bind(1, change).Bind(2, Now).Bind(3, limit);
            var (records, more) = ReadPage(_changes, documentColumn: 0, limit, withData: true, row => change = row.Int64(1));

            // What cannot be read is passed over: a page of nothing else is not shown as the end.
            if (records.Count > 0 || change == before)
            {
                return new ChangePage(records, Cursor(identity, change)) { IsCut = more };
            }
        }
    }

    /// <summary>The cursor behind all that is committed.</summary>
    public string NewestCursor() => _count.Single(row => Cursor(row.Text(0)!, row.Int64(1)))!;

    /// <summary>Returns when the next message of a queue is due, in Unix milliseconds; null if the queue is empty.</summary>
    public long? NextMessage(string queue) => _nextMessage.Bind(1, queue).Single(row => (long?)row.Int64(0));

    /// <summary>Whether any message of any queue is claimed.</summary>
    public bool HasClaims() => _claims.Single(row => row.Int64(0) != 0);

    public void Dispose()
    {
        foreach (var statement in new[] { _record, _data, _due, _count, _changes, _nextMessage, _claims })
        {
            statement.Dispose();
        }

        Documents.Dispose();
        Failures.Dispose();
    }

    private (List<EventRecord> Records, bool More) ReadPage(
        SqliteStatement statement, int documentColumn, int limit, bool withData, Action<SqliteStatement> taken)
    {
        List<EventRecord> records = [];
        var budget = new PageBudget();
        var (rows, more) = (0, false);
        statement.Visit(row =>
        {
            EventRecord? record = null;
            more = rows == limit || !_reader.TryRead(row.Bytes(documentColumn), budget, withData, out record);
            if (more)
            {
                return false;
            }

            rows++;
            if (record is not null)
            {
                records.Add(record);
            }

            taken(row);
            return true;
        });
        return (records, more);
    }

    private static string Cursor(string identity, long change) => string.Create(CultureInfo.InvariantCulture, $"{identity}.{change}");

    private static long Parse(string cursor, string identity, long newest) =>
        cursor.StartsWith(identity + ".", StringComparison.Ordinal)
        && long.TryParse(cursor.AsSpan(identity.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var change)
        && change <= newest
            ? change
            : throw new InvalidContinuationException("This store did not issue the cursor.");
}
