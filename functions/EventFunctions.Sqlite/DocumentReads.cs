using System.Globalization;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The document store's reads, prepared on one reading connection when first used.</summary>
internal sealed class DocumentReads(SqliteConnection connection, TimeProvider time) : IDisposable
{
    // Texts of queries follow from which filters are set, and those few are used again and again.
    private const int MaxPrepared = 100;

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public StoredDocument? Read(DocumentContainer container, string partition, string id) =>
        Prepare($"SELECT document, etag FROM {container.Name} WHERE partition = ?1 AND id = ?2 AND (expires_at IS NULL OR expires_at > ?3)")
            .Bind(1, partition)
            .Bind(2, id)
            .Bind(3, Now)
            .Single(row => new StoredDocument(partition, id, row.Bytes(0).ToArray(), ETag(row.Int64(1))));

    public DocumentPage Query(DocumentQuery query)
    {
        var sql = new SqliteDocumentSql(query, Now);
        List<StoredDocument> items = [];
        var budget = new PageBudget();
        var more = false;
        sql.Bind(Prepare(sql.Text)).Visit(row =>
        {
            var body = row.Bytes(3);
            more = items.Count == query.Limit || !budget.TryTake(body.Length, body.Length);
            if (more)
            {
                return false;
            }

            items.Add(new StoredDocument(row.Text(0)!, row.Text(1)!, body.ToArray(), ETag(row.Int64(2))));
            sql.Taken(row);
            return true;
        });
        return new DocumentPage(items, more ? sql.Continuation : null);
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }

    private static string ETag(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    private SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            if (_statements.Count == MaxPrepared)
            {
                Dispose();
                _statements.Clear();
            }

            statement = new SqliteStatement(connection, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }
}
