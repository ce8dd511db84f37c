using System.Globalization;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The document store's writes, prepared on the writer's connection when first used.</summary>
internal sealed class DocumentWrites(SqliteConnection connection, TimeProvider time) : IDisposable
{
    // Parameters before the indexed fields: partition, id, etag, expiry, body, the time now, the expected ETag.
    private const int FirstField = 8;
    private const string Key = "partition = ?1 AND id = ?2";
    private const string Alive = "(expires_at IS NULL OR expires_at > ?6)";

    private readonly Dictionary<(string Table, string Kind), SqliteStatement> _statements = [];

    // A sequence that begins anywhere, so that no document of a key gets the ETag of one that was deleted, not even after
    // a restart.
    private long _etag = Random.Shared.NextInt64(long.MaxValue / 2);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Inserts a document, or puts it in the place of one that has expired.</summary>
    /// <returns>Its ETag; null where there is one.</returns>
    public long? Create(DocumentContainer container, DocumentRow row) =>
        Write(Statement(container, "create", static c => $"{Insert(c)} WHERE {c.Name}.expires_at <= ?6"), row);

    public long? Upsert(DocumentContainer container, DocumentRow row) => Write(Statement(container, "upsert", Insert), row);

    public long? Replace(DocumentContainer container, DocumentRow row, long etag) => Write(
        Statement(container, "replace", static c => $"UPDATE {c.Name} SET {Assignments(c)} WHERE {Key} AND etag = ?7 AND {Alive}").Bind(7, etag), row);

    public bool Delete(DocumentContainer container, string partition, string id, long? etag) =>
        Statement(container, "delete", static c => $"DELETE FROM {c.Name} WHERE {Key} AND etag = coalesce(?7, etag) AND {Alive}")
            .Bind(1, partition)
            .Bind(2, id)
            .Bind(6, Now)
            .Bind(7, etag)
            .Run() == 1;

    /// <summary>Removes some expired documents.</summary>
    /// <returns>How many rows there were to remove, at most the limit for each container.</returns>
    public int Sweep(int limit) => DocumentContainer.All.Sum(container =>
        Statement(container, "sweep", static c => $"""
            DELETE FROM {c.Name} WHERE (partition, id) IN (
                SELECT partition, id FROM {c.Name} INDEXED BY {c.Name}_expiring WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
            """)
            .Bind(1, Now)
            .Bind(2, limit)
            .Run());

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }

    private long? Write(SqliteStatement statement, DocumentRow row)
    {
        var now = Now;
        statement.Bind(1, row.Partition)
            .Bind(2, row.Id)
            .Bind(3, ++_etag)
            .Bind(4, row.SecondsToLive is { } seconds ? now + (seconds * 1_000L) : null)
            .BindUtf8(5, row.Body.Span)
            .Bind(6, now);
        for (var i = 0; i < row.Fields.Length; i++)
        {
            statement.Bind(FirstField + i, row.Fields[i]);
        }

        return statement.Run() == 1 ? _etag : null;
    }

    private static string Insert(DocumentContainer container) => $"""
        INSERT INTO {container.Name} (partition, id, etag, expires_at, document, {string.Join(", ", container.Indexed.Select(Quoted))})
        VALUES (?1, ?2, ?3, ?4, ?5, {string.Join(", ", container.Indexed.Select((_, i) => Parameter(i)))})
        ON CONFLICT (partition, id) DO UPDATE SET {Assignments(container)}
        """;

    private static string Assignments(DocumentContainer container) =>
        $"etag = ?3, expires_at = ?4, document = ?5, {string.Join(", ", container.Indexed.Select((field, i) => $"{Quoted(field)} = {Parameter(i)}"))}";

    private static string Quoted(string field) => $"\"{field}\"";

    private static string Parameter(int field) => string.Create(CultureInfo.InvariantCulture, $"?{FirstField + field}");

    private SqliteStatement Statement(DocumentContainer container, string kind, Func<DocumentContainer, string> sql)
    {
        if (!_statements.TryGetValue((container.Name, kind), out var statement))
        {
            statement = new SqliteStatement(connection, sql(container));
            _statements.Add((container.Name, kind), statement);
        }

        return statement;
    }
}
