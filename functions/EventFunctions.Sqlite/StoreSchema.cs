namespace EventFunctions.Sqlite;

/// <summary>The schema of the event store, as the steps that lead to it.</summary>
internal static class StoreSchema
{
    /// <summary>SQL that migrates the schema from each version to the next; released versions are never edited.</summary>
    public static readonly IReadOnlyList<string> Migrations = [Records, Documents, Messages];

    // Times are Unix milliseconds. A record's number begins with the time of its recording, so rows are in the order of lists, and so, nearly,
    // are all indexes except that of subjects: writes touch few pages. The document is the last column, so that filters never read through it.
    // Nearly all records end completed: listed by status they are listed by time, and completing a record adds no entry. Most entities are the
    // events' subjects and need no entry of their own; the others' entries are in the order of ranges (EntityRanges).
    private const string Records = """
        CREATE TABLE store (
            identity TEXT NOT NULL,
            last_change INTEGER NOT NULL);
        INSERT INTO store VALUES (lower(hex(randomblob(8))), 0);
        CREATE TABLE commits (count INTEGER NOT NULL);
        INSERT INTO commits VALUES (0);

        CREATE TABLE records (
            seq INTEGER PRIMARY KEY,
            change INTEGER NOT NULL,
            key BLOB NOT NULL,
            status INTEGER NOT NULL,
            relay_at INTEGER,
            expires_at INTEGER,
            source TEXT NOT NULL,
            type TEXT NOT NULL,
            subject TEXT,
            entity_range INTEGER,
            entity TEXT,
            failure INTEGER,
            document TEXT NOT NULL);
        CREATE UNIQUE INDEX records_by_key ON records (key);
        CREATE UNIQUE INDEX records_by_change ON records (change);
        CREATE INDEX records_by_source ON records (source, seq, type);
        CREATE INDEX records_by_type ON records (type, seq, source);
        CREATE INDEX records_by_subject ON records (subject, seq, source) WHERE subject IS NOT NULL;
        CREATE INDEX records_of_entity ON records (entity_range, entity) WHERE entity_range IS NOT NULL;
        CREATE INDEX records_by_status ON records (status) WHERE status <> 8;
        CREATE INDEX records_due ON records (relay_at) WHERE relay_at IS NOT NULL;
        CREATE INDEX records_expiring ON records (expires_at) WHERE expires_at IS NOT NULL;
        CREATE INDEX records_failures ON records (failure) WHERE failure IS NOT NULL;

        CREATE TABLE failures (
            id INTEGER PRIMARY KEY,
            count INTEGER NOT NULL,
            dismissed INTEGER NOT NULL,
            again INTEGER NOT NULL,
            producer TEXT NOT NULL,
            type TEXT NOT NULL,
            reason TEXT NOT NULL);
        CREATE UNIQUE INDEX failures_by_group ON failures (dismissed, producer, type, reason, again);
        CREATE TRIGGER failure_changed AFTER UPDATE OF failure ON records WHEN OLD.failure IS NOT NEW.failure BEGIN
            UPDATE failures SET count = count - 1 WHERE id = OLD.failure;
            UPDATE failures SET count = count + 1 WHERE id = NEW.failure;
        END;
        CREATE TRIGGER failure_removed AFTER DELETE ON records WHEN OLD.failure IS NOT NULL BEGIN
            UPDATE failures SET count = count - 1 WHERE id = OLD.failure;
        END;

        CREATE TABLE data (
            seq INTEGER PRIMARY KEY,
            key BLOB NOT NULL,
            expires_at INTEGER,
            document TEXT NOT NULL);
        CREATE UNIQUE INDEX data_by_key ON data (key);
        CREATE INDEX data_expiring ON data (expires_at) WHERE expires_at IS NOT NULL;
        """;

    // Documents lie in the order of their keys, so that a partition is read from neighbouring pages. The partitions of links that are written
    // together are far apart, and so are those of deliveries: links lie in the order of their creation, deliveries in that of their IDs, which
    // begin with a time. Fields that are indexed have columns of their names; an index leaves out
    // what has not its field, and answers filters on the columns that it ends in.
    private const string Documents = """
        CREATE TABLE entities (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "kind" TEXT,
            "source" TEXT,
            "producer" TEXT,
            "time" TEXT,
            "recordedAt" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id));
        CREATE INDEX entities_by_time ON entities (partition, "time", id, "kind", "producer") WHERE "time" IS NOT NULL;
        CREATE INDEX entities_by_recording ON entities ("recordedAt", id, partition, "source", "producer") WHERE "recordedAt" IS NOT NULL;
        CREATE INDEX entities_expiring ON entities (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE producers (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "kind" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX producers_by_kind ON producers ("kind", id, partition) WHERE "kind" IS NOT NULL;
        CREATE INDEX producers_expiring ON producers (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE state (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "kind" TEXT,
            "dueAt" TEXT,
            "refusedAt" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX state_due ON state (partition, "dueAt", id) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX state_due_anywhere ON state ("dueAt", id, partition) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX state_refused ON state (partition, "refusedAt", id) WHERE "refusedAt" IS NOT NULL;
        CREATE INDEX state_refused_anywhere ON state ("refusedAt", id, partition) WHERE "refusedAt" IS NOT NULL;
        CREATE INDEX state_expiring ON state (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE webhooks (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "status" TEXT,
            "dueAt" TEXT,
            "eventId" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX webhooks_by_status ON webhooks ("status", id, partition) WHERE "status" IS NOT NULL;
        CREATE INDEX webhooks_due ON webhooks ("dueAt", id, partition) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX webhooks_expiring ON webhooks (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE deliveries (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "status" TEXT,
            "dueAt" TEXT,
            "eventId" TEXT,
            "createdAt" TEXT,
            "lostSince" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (id, partition)) WITHOUT ROWID;
        CREATE INDEX deliveries_due ON deliveries ("dueAt", id, partition) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX deliveries_by_time ON deliveries (partition, "createdAt", id, "status") WHERE "createdAt" IS NOT NULL;
        CREATE INDEX deliveries_of_event ON deliveries ("eventId", "createdAt", id, partition) WHERE "createdAt" IS NOT NULL;
        CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;
        CREATE INDEX deliveries_lost ON deliveries ("lostSince", id, partition) WHERE "lostSince" IS NOT NULL;
        """;

    // The numbers of messages are not used again: a claim of one that is gone must not fit another.
    private const string Messages = """
        CREATE TABLE messages (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL,
            visible_at INTEGER NOT NULL,
            dequeue_count INTEGER NOT NULL,
            claimed INTEGER NOT NULL,
            text TEXT NOT NULL);
        CREATE INDEX messages_due ON messages (queue, visible_at, seq);
        """;
}
