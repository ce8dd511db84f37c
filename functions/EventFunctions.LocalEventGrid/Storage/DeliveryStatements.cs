using EventFunctions.Sqlite;

namespace EventFunctions.Local.EventGrid;

/// <summary>What the writer of deliveries does.</summary>
internal sealed class DeliveryStatements(SqliteConnection connection) : IDisposable
{
    /// <summary>
    /// Events once, and a small row for each subscription that still wants one. Sequences only grow, so that both tables
    /// are appended to; only deliveries that failed are in the index.
    /// </summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE subscription (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
        CREATE TABLE event (sequence INTEGER PRIMARY KEY, published INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE delivery (
          subscription INTEGER NOT NULL, sequence INTEGER NOT NULL, state INTEGER NOT NULL, due INTEGER NOT NULL,
          attempts INTEGER NOT NULL, attempted INTEGER, outcome TEXT, reason TEXT,
          PRIMARY KEY (subscription, sequence)) WITHOUT ROWID;
        CREATE INDEX delivery_due ON delivery (subscription, state, due) WHERE state > 0;
        """,

        // Whether a process has the file open, or ended without closing it. A new file may take the place of one that was lost.
        """
        CREATE TABLE session (open INTEGER NOT NULL);
        INSERT INTO session VALUES (1);
        """,
    ];

    private readonly SqliteStatement _addSubscription = new(connection, "INSERT INTO subscription (key) VALUES (?1) ON CONFLICT DO NOTHING");
    private readonly SqliteStatement _findSubscription = new(connection, "SELECT id FROM subscription WHERE key = ?1");
    private readonly SqliteStatement _lastSequence = new(connection, "SELECT max(sequence) FROM event");
    private readonly SqliteStatement _addEvent = new(connection, "INSERT INTO event (sequence, published, body) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING");

    private readonly SqliteStatement _addDelivery =
        new(connection, "INSERT INTO delivery (subscription, sequence, state, due, attempts) VALUES (?1, ?2, 0, 0, 0)");

    private readonly SqliteStatement _moveDelivery = new(
        connection,
        "UPDATE delivery SET state = ?3, due = ?4, attempts = ?5, attempted = ?6, outcome = ?7, reason = ?8 WHERE subscription = ?1 AND sequence = ?2");

    private readonly SqliteStatement _removeDelivery = new(connection, "DELETE FROM delivery WHERE subscription = ?1 AND sequence = ?2");

    private readonly SqliteStatement _removeEvent = new(
        connection,
        """
        DELETE FROM event WHERE sequence = ?1 AND NOT EXISTS (
          SELECT 1 FROM subscription CROSS JOIN delivery ON delivery.subscription = subscription.id AND delivery.sequence = ?1)
        """);

    private readonly SqliteStatement _someEvents = new(connection, "SELECT sequence, body FROM event WHERE sequence > ?1 ORDER BY sequence LIMIT ?2");

    private readonly SqliteStatement _eraseDeliveries =
        new(connection, "DELETE FROM delivery WHERE sequence = ?1 AND subscription IN (SELECT id FROM subscription)");

    private readonly SqliteStatement _isOpen = new(connection, "SELECT open FROM session");
    private readonly SqliteStatement _setOpen = new(connection, "UPDATE session SET open = ?1");

    private readonly SqliteStatement _eraseEvent = new(connection, "DELETE FROM event WHERE sequence = ?1");

    /// <summary>The row of a subscription, made when there is none.</summary>
    public long SubscriptionId(string key)
    {
        _addSubscription.Bind(1, key).Run();
        return _findSubscription.Bind(1, key).Single(row => row.Int64(0));
    }

    /// <summary>Begins a session.</summary>
    /// <returns>Whether the session before ended without closing the file, or the file is new.</returns>
    public bool Open()
    {
        var wasOpen = _isOpen.Single(row => row.Int64(0) != 0);
        _setOpen.Bind(1, 1L).Run();
        return wasOpen;
    }

    /// <summary>Ends a session: nothing is in memory only.</summary>
    public void Close() => _setOpen.Bind(1, 0L).Run();

    /// <summary>The highest sequence that is in use; 0 for none.</summary>
    public long LastSequence() => _lastSequence.Single(row => row.Int64(0));

    /// <summary>Adds an event with all its deliveries.</summary>
    public void Add(PublishedEvent published)
    {
        _addEvent.Bind(1, published.Sequence).Bind(2, published.PublishedAt.UtcTicks).BindBlob(3, published.Body).Run();
        foreach (var taker in published.Takers)
        {
            _addDelivery.Bind(1, taker.Id).Bind(2, published.Sequence).Run();
        }
    }

    /// <summary>Ends or moves a delivery; one that was in memory only is written now, with its event.</summary>
    public void Settle(Settlement settlement)
    {
        if (settlement.IsUnwritten)
        {
            return;
        }

        if (settlement.Next is { } next)
        {
            if (settlement.Delivery.IsHeld)
            {
                Add(new PublishedEvent(next.Sequence, next.PublishedAt, next.Body, [settlement.Taker]));
            }

            _moveDelivery
                .Bind(1, settlement.Taker.Id).Bind(2, settlement.Sequence)
                .Bind(3, (long)(next.Reason is null ? DeliveryState.Retry : DeliveryState.Dead))
                .Bind(4, next.DueAt.UtcTicks).Bind(5, next.Attempts).Bind(6, next.AttemptedAt?.UtcTicks)
                .Bind(7, next.Outcome).Bind(8, next.Reason)
                .Run();
        }
        else
        {
            _removeDelivery.Bind(1, settlement.Taker.Id).Bind(2, settlement.Sequence).Run();
            _removeEvent.Bind(1, settlement.Sequence).Run();
        }
    }

    /// <summary>Reads some events in their order, for every subscription.</summary>
    public List<(long Sequence, byte[] Body)> Events(long after, int limit) =>
        _someEvents.Bind(1, after).Bind(2, limit).Select(row => (row.Int64(0), row.Bytes(1).ToArray()));

    /// <summary>Removes an event with all its deliveries.</summary>
    public void Erase(long sequence)
    {
        _eraseDeliveries.Bind(1, sequence).Run();
        _eraseEvent.Bind(1, sequence).Run();
    }

    public void Dispose()
    {
        _isOpen.Dispose();
        _setOpen.Dispose();
        _someEvents.Dispose();
        _eraseDeliveries.Dispose();
        _eraseEvent.Dispose();
        _addSubscription.Dispose();
        _findSubscription.Dispose();
        _lastSequence.Dispose();
        _addEvent.Dispose();
        _addDelivery.Dispose();
        _moveDelivery.Dispose();
        _removeDelivery.Dispose();
        _removeEvent.Dispose();
    }
}
