using EventFunctions.Sqlite;

namespace EventFunctions.Local.EventGrid;

/// <summary>Reads one subscription's deliveries from disk, over a connection of its own, so that no subscription waits for another.</summary>
internal sealed class DeliveryReader : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly long _subscription;
    private readonly SqliteStatement _fresh;
    private readonly SqliteStatement _due;
    private readonly SqliteStatement _nextDue;
    private readonly SqliteStatement _one;
    private readonly SqliteStatement _count;

    public DeliveryReader(SqliteDatabase database, long subscription)
    {
        _connection = database.OpenReader();
        _subscription = subscription;
        _fresh = new(_connection, "SELECT sequence FROM delivery WHERE subscription = ?1 AND sequence >= ?2 AND state = 0 ORDER BY sequence LIMIT ?3");
        _due = new(
            _connection,
            "SELECT sequence FROM delivery WHERE subscription = ?1 AND state = ?2 AND state > 0 AND due <= ?3 ORDER BY due, sequence LIMIT ?4");
        _nextDue = new(_connection, "SELECT min(due) FROM delivery WHERE subscription = ?1 AND state = ?2 AND state > 0 AND due > ?3");
        _one = new(
            _connection,
            """
            SELECT attempts, attempted, outcome, reason, due, published, body
            FROM delivery JOIN event USING (sequence) WHERE subscription = ?1 AND sequence = ?2
            """);
        _count = new(_connection, "SELECT count(*) FROM delivery WHERE subscription = ?1 AND state < 2");
    }

    /// <summary>How many deliveries have neither succeeded nor become dead letters.</summary>
    public long CountPending() => _count.Bind(1, _subscription).Single(row => row.Int64(0));

    /// <summary>Events that were never tried, from a sequence on, in order.</summary>
    public List<long> ReadFresh(long from, int limit) => _fresh.Bind(1, _subscription).Bind(2, from).Bind(3, limit).Select(row => row.Int64(0));

    /// <summary>Deliveries that are due, that longest due first.</summary>
    public List<long> ReadDue(DeliveryState state, DateTimeOffset now, int limit) =>
        _due.Bind(1, _subscription).Bind(2, (long)state).Bind(3, now.UtcTicks).Bind(4, limit).Select(row => row.Int64(0));

    /// <summary>Returns when the next delivery after a time is due; null if there is none.</summary>
    public DateTimeOffset? ReadNextDue(DeliveryState state, DateTimeOffset after) =>
        _nextDue.Bind(1, _subscription).Bind(2, (long)state).Bind(3, after.UtcTicks).Single(row => ReadTime(row, 0));

    /// <summary>Returns a delivery; null if it has ended.</summary>
    public TopicDelivery? Read(long sequence) => _one.Bind(1, _subscription).Bind(2, sequence).Single(row => new TopicDelivery
    {
        Sequence = sequence,
        Attempts = (int)row.Int64(0),
        AttemptedAt = ReadTime(row, 1),
        Outcome = row.Text(2),
        Reason = row.Text(3),
        DueAt = ReadTime(row, 4) ?? default,
        PublishedAt = ReadTime(row, 5) ?? default,
        Body = row.Bytes(6).ToArray(),
    });

    public void Dispose()
    {
        _fresh.Dispose();
        _due.Dispose();
        _nextDue.Dispose();
        _one.Dispose();
        _count.Dispose();
        _connection.Dispose();
    }

    private static DateTimeOffset? ReadTime(SqliteStatement row, int column) =>
        row.IsNull(column) ? null : new DateTimeOffset(row.Int64(column), TimeSpan.Zero);
}
