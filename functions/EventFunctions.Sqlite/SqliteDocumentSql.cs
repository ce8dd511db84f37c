using System.Globalization;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>
/// A query of documents as SQL, in the order of its field, ID and partition. Its columns are <c>partition</c>, <c>id</c>,
/// <c>etag</c>, <c>document</c>, and the value of the field.
/// </summary>
internal sealed class SqliteDocumentSql
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _parameters = [];

    /// <param name="query">A valid query.</param>
    /// <param name="now">Unix milliseconds; what has expired by then is not found.</param>
    /// <exception cref="InvalidContinuationException">The query's continuation is none.</exception>
    public SqliteDocumentSql(DocumentQuery query, long now)
    {
        var field = query.OrderBy is { } name ? $"\"{name}\"" : "NULL";
        var (before, direction) = query.Descending ? ("<", "DESC") : (">", "ASC");
        Where("partition =", query.Partition);
        foreach (var (equal, value) in query.Equal)
        {
            Where($"\"{equal}\" =", value);
        }

        if (query.OrderBy is not null)
        {
            _conditions.Add($"{field} IS NOT NULL");
            Where($"{field} >=", query.From);
            Where($"{field} <", query.To);
        }

        if (DocumentPosition.Of(query) is { } position)
        {
            // The first condition alone is what an index can follow.
            Where($"{field} {before}=", position.Value);
            var (id, partition) = (Parameter(position.Id), Parameter(position.Partition));
            var ties = $"(id {before} {id} OR (id = {id} AND partition {before} {partition}))";
            _conditions.Add(position.Value is { } value ? Behind(field, before, Parameter(value), ties) : ties);
        }

        _conditions.Add($"(expires_at IS NULL OR expires_at > {Parameter(now)})");
        Text = $"SELECT partition, id, etag, document, {field} FROM {query.Container.Name} WHERE {string.Join(" AND ", _conditions)} "
            + $"ORDER BY {(query.OrderBy is null ? "" : $"{field} {direction}, ")}id {direction}, partition {direction} LIMIT {Parameter(query.Limit + 1L)}";
    }

    /// <summary>The query's text, the same for queries that set the same filters.</summary>
    public string Text { get; }

    /// <summary>The continuation behind the last row that was <see cref="Taken"/>.</summary>
    public string? Continuation { get; private set; }

    /// <summary>Binds the parameters.</summary>
    public SqliteStatement Bind(SqliteStatement statement)
    {
        for (var i = 0; i < _parameters.Count; i++)
        {
            _ = _parameters[i] is string text ? statement.Bind(i + 1, text) : statement.Bind(i + 1, (long)_parameters[i]);
        }

        return statement;
    }

    /// <summary>Continues after a row.</summary>
    public void Taken(SqliteStatement row) => Continuation = new DocumentPosition(row.Text(4), row.Text(1)!, row.Text(0)!).ToString();

    private static string Behind(string field, string before, string value, string ties) => $"({field} {before} {value} OR ({field} = {value} AND {ties}))";

    private void Where(string comparison, string? value)
    {
        if (value is not null)
        {
            _conditions.Add($"{comparison} {Parameter(value)}");
        }
    }

    private string Parameter(object value)
    {
        _parameters.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"?{_parameters.Count}");
    }
}
