namespace EventFunctions.Sqlite;

/// <summary>The schema of the event store, as the steps that lead to it.</summary>
internal static class StoreSchema
{
    /// <summary>SQL that migrates the schema from each version to the next; released versions are never edited.</summary>
    public static readonly IReadOnlyList<string> Migrations = [Version1, Version2, Version3, Version4, Version5, Version6, Version7, Version8, Version9];

    // Rows are in the order of their creation, and so, nearly, are all indexes but those of keys and subjects: writes
    // touch few pages. The document is the last column, so that filters never read through it. Times are Unix
    // milliseconds. An index that ends in columns no query sorts by answers filters on them without reading rows.
    private const string Version1 = """
        CREATE TABLE store (
            identity TEXT NOT NULL,
            last_change INTEGER NOT NULL,
            checked_at INTEGER);
        INSERT INTO store VALUES (lower(hex(randomblob(8))), 0, NULL);

        CREATE TABLE records (
            seq INTEGER PRIMARY KEY,
            change INTEGER NOT NULL,
            key BLOB NOT NULL,
            status INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            relay_at INTEGER,
            expires_at INTEGER,
            source TEXT NOT NULL,
            type TEXT NOT NULL,
            subject TEXT,
            document TEXT NOT NULL);
        CREATE UNIQUE INDEX records_by_key ON records (key);
        CREATE UNIQUE INDEX records_by_change ON records (change);
        CREATE INDEX records_by_time ON records (recorded_at);
        CREATE INDEX records_by_source ON records (source, recorded_at, seq, type);
        CREATE INDEX records_by_type ON records (type, recorded_at, seq, source);
        CREATE INDEX records_by_subject ON records (subject, recorded_at) WHERE subject IS NOT NULL;
        CREATE INDEX records_by_status ON records (status, recorded_at, seq, source, type);
        CREATE INDEX records_due ON records (relay_at) WHERE relay_at IS NOT NULL;
        CREATE INDEX records_expiring ON records (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE data (
            seq INTEGER PRIMARY KEY,
            key BLOB NOT NULL,
            expires_at INTEGER,
            document TEXT NOT NULL);
        CREATE UNIQUE INDEX data_by_key ON data (key);
        CREATE INDEX data_expiring ON data (expires_at) WHERE expires_at IS NOT NULL;
        """;

    // Documents lie in the order of their keys, so that a partition is read from neighbouring pages. Fields that are
    // indexed have columns of their names; an index leaves out what has not its field.
    private const string Version2 = """
        CREATE TABLE entities (
            partition TEXT NOT NULL,
            id TEXT NOT NULL,
            etag INTEGER NOT NULL,
            expires_at INTEGER,
            "kind" TEXT,
            "source" TEXT,
            "type" TEXT,
            "lastSeen" TEXT,
            "time" TEXT,
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX entities_by_time ON entities (partition, "kind", "time", id, "type") WHERE "time" IS NOT NULL;
        CREATE INDEX entities_by_last_seen ON entities ("kind", "lastSeen", id, partition) WHERE "lastSeen" IS NOT NULL;
        CREATE INDEX entities_by_source ON entities ("kind", "source", "lastSeen", id, partition) WHERE "lastSeen" IS NOT NULL;
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
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX state_due ON state (partition, "dueAt", id) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX state_due_anywhere ON state ("dueAt", id, partition) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX state_expiring ON state (expires_at) WHERE expires_at IS NOT NULL;
        """;

    // The entity is set while a record is completed and has full data, so that recording an event touches no index more.
    private const string Version3 = """
        ALTER TABLE records ADD COLUMN entity TEXT;
        ALTER TABLE records ADD COLUMN occurred_at INTEGER;
        CREATE INDEX records_by_entity ON records (entity, occurred_at, seq) WHERE entity IS NOT NULL;
        """;

    // Failures are few: what they are grouped by is worked out from their documents, for them alone. Entities are those
    // of all records, so theirs is a column, and not read through the document.
    private const string Version4 = """
        ALTER TABLE records ADD COLUMN entity_id TEXT;
        UPDATE records SET entity_id = document ->> '$.entityId' WHERE subject IS NOT NULL OR document ->> '$.entityId' IS NOT NULL;
        CREATE INDEX records_of_entity ON records (entity_id, recorded_at) WHERE entity_id IS NOT NULL;
        CREATE INDEX records_failures ON records (
            document ->> '$.dismissed', document ->> '$.producer', type, document ->> '$.reason', recorded_at, document ->> '$.run', expires_at)
            WHERE status IN (16, 32);
        """;

    private const string Version5 = """
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
            document TEXT NOT NULL,
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX deliveries_due ON deliveries ("dueAt", id, partition) WHERE "dueAt" IS NOT NULL;
        CREATE INDEX deliveries_by_time ON deliveries (partition, "createdAt", id) WHERE "createdAt" IS NOT NULL;
        CREATE INDEX deliveries_by_status ON deliveries (partition, "status", "createdAt", id) WHERE "createdAt" IS NOT NULL;
        CREATE INDEX deliveries_of_event ON deliveries ("eventId", "createdAt", id, partition) WHERE "createdAt" IS NOT NULL;
        CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE expires_at IS NOT NULL;
        """;

    // The numbers of messages are not used again: a claim of one that is gone must not fit another.
    private const string Version6 = """
        CREATE TABLE messages (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            queue TEXT NOT NULL,
            visible_at INTEGER NOT NULL,
            dequeue_count INTEGER NOT NULL,
            claimed INTEGER NOT NULL,
            text TEXT NOT NULL);
        CREATE INDEX messages_due ON messages (queue, visible_at, seq);
        """;

    // The table is small, and what stands behind the document is read for few of its rows.
    private const string Version7 = """
        ALTER TABLE deliveries ADD COLUMN "lostSince" TEXT;
        CREATE INDEX deliveries_lost ON deliveries ("lostSince", id, partition) WHERE "lostSince" IS NOT NULL;
        """;

    // An entity's events are compared by its links, so that completing an event touches no index of records for it. A link has two
    // entries in indexes, or three if it expires.
    private const string Version8 = """
        DROP INDEX records_by_entity;
        ALTER TABLE records DROP COLUMN entity;
        ALTER TABLE records DROP COLUMN occurred_at;
        DROP TABLE entities;
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
            PRIMARY KEY (partition, id)) WITHOUT ROWID;
        CREATE INDEX entities_by_time ON entities (partition, "time", id, "kind", "producer") WHERE "time" IS NOT NULL;
        CREATE INDEX entities_by_recording ON entities ("recordedAt", id, partition, "source", "producer") WHERE "recordedAt" IS NOT NULL;
        CREATE INDEX entities_expiring ON entities (expires_at) WHERE expires_at IS NOT NULL;
        """;

    // Nearly all records end completed: listed by status they are listed by time, and completing a record adds no entry here.
    private const string Version9 = """
        DROP INDEX records_by_status;
        CREATE INDEX records_by_status ON records (status, recorded_at, seq, source, type) WHERE status <> 8;
        """;
}
