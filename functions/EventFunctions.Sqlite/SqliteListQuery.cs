using System.Globalization;
using System.Numerics;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>
/// A list of records as SQL that follows one index from its newest entry and stops when the page is full, with any filter; it never sorts.
/// Its columns are <c>seq</c> and <c>document</c>.
/// </summary>
internal sealed class SqliteListQuery
{
    private const string BeforeRow = "before.";

    private readonly List<object> _parameters = [];
    private readonly List<string> _conditions = [];

    /// <param name="query">Filters and page.</param>
    /// <param name="now">Unix milliseconds; what has expired by then is not listed.</param>
    /// <param name="limit">The most rows.</param>
    /// <exception cref="InvalidContinuationException">The query's continuation is not one of <see cref="Continue"/>.</exception>
    public SqliteListQuery(EventQuery query, long now, int limit)
    {
        Where("source =", query.Source);
        Where("type =", query.Type);
        Where("subject =", query.Subject);
        Where("document ->> '$.producer' =", query.Producer);
        Where("document ->> '$.reason' =", query.Reason);
        Where("coalesce(document ->> '$.dismissed', 0) =", query.Dismissed is { } dismissed ? (object)(dismissed ? 1L : 0L) : null);
        long? from = query.From is { } first ? RecordNumber.From(first) : null;
        var before = Before(query);
        Where("seq >=", from);
        Where("seq <", before);
        _conditions.Add($"(expires_at IS NULL OR expires_at > {Parameter(now)})");
        Sql = $"{string.Join(" UNION ALL ", Arms(query, from ?? long.MinValue, before ?? long.MaxValue))} ORDER BY seq DESC LIMIT {Parameter((long)limit)}";
    }

    /// <summary>The query's text.</summary>
    public string Sql { get; }

    /// <summary>Prepares the statement and binds its parameters.</summary>
    /// <param name="connection">Where it will run.</param>
    /// <param name="prefix">What is put before it, such as <c>EXPLAIN QUERY PLAN</c>.</param>
    public SqliteStatement Prepare(SqliteConnection connection, string prefix = "")
    {
        var statement = new SqliteStatement(connection, prefix + Sql);
        for (var i = 0; i < _parameters.Count; i++)
        {
            _ = _parameters[i] is string text ? statement.Bind(i + 1, text) : statement.Bind(i + 1, (long)_parameters[i]);
        }

        return statement;
    }

    /// <summary>The continuation behind a row.</summary>
    /// <param name="seq">The row's <c>seq</c>.</param>
    public static string Continue(long seq) => string.Create(CultureInfo.InvariantCulture, $"{BeforeRow}{seq}");

    // The most selective index first: statuses are, unless it is the one that nearly all records end in. The status index
    // gives the newest of one status each, which SQLite merges as they come.
    private IEnumerable<string> Arms(EventQuery query, long from, long before)
    {
        var status = query.Status ?? EventStatus.None;
        return query switch
        {
            { Entity: { } entity } => ArmsByEntity(entity, from, before, StatusIn(query.Status)),
            { Subject: not null } => [Arm("records_by_subject", StatusIn(query.Status))],
            { Status: not null } when (query.Type ?? query.Source) is null || (status & EventStatus.Completed) == 0 => ArmsByStatus(status),
            { Type: not null } => [Arm("records_by_type", StatusIn(query.Status))],
            { Source: not null } => [Arm("records_by_source", StatusIn(query.Status))],
            _ => [Arm(null, "1")],
        };
    }

    private IEnumerable<string> ArmsByEntity(EntityKey entity, long from, long before, string status)
    {
        var (source, subject) = (Parameter(entity.Source), Parameter(entity.Subject));

        // A range holds no record before its first; the rows of all ranges come in their own order.
        return
        [
            Arm("records_by_subject", $"subject = {subject} AND source = {source} AND entity = '' AND {status}"),
            Arm(null, $"""
                source = {source} AND {status} AND seq IN (
                    WITH RECURSIVE ranges (first) AS (
                        SELECT max(entity_range) FROM records INDEXED BY records_of_entity WHERE entity_range < {Parameter(before)}
                        UNION ALL
                        SELECT (SELECT max(entity_range) FROM records INDEXED BY records_of_entity WHERE entity_range < first) FROM ranges WHERE first > {Parameter(from)})
                    SELECT seq FROM ranges CROSS JOIN records INDEXED BY records_of_entity WHERE entity_range = first AND entity = {subject})
                """),
        ];
    }

    private IEnumerable<string> ArmsByStatus(EventStatus statuses) =>
        Enum.GetValues<EventStatus>()
            .Where(status => BitOperations.IsPow2((int)status) && statuses.HasFlag(status))
            .DefaultIfEmpty(EventStatus.None)
            .Select(status => status == EventStatus.Completed
                ? Arm(null, "status = 8")
                : Arm("records_by_status", $"status <> 8 AND status = {Parameter((long)status)}"));

    private string StatusIn(EventStatus? statuses) => statuses is { } mask ? $"(status & {Parameter((long)mask)}) <> 0" : "1";

    // Without an index the rows themselves are in the order of the list.
    private string Arm(string? index, string condition) =>
        $"SELECT seq, document FROM records {(index is null ? "NOT INDEXED" : $"INDEXED BY {index}")} WHERE {condition} AND {string.Join(" AND ", _conditions)}";

    private void Where(string comparison, object? value)
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

    // The number that all rows of the page are below; null if there is none.
    private static long? Before(EventQuery query)
    {
        long? to = query.To is { } end ? RecordNumber.From(end) : null;
        long? continued = query.Continuation is { } continuation ? Parse(continuation) : null;
        return to < continued ? to : continued ?? to;
    }

    private static long Parse(string continuation) =>
        continuation.StartsWith(BeforeRow, StringComparison.Ordinal)
        && long.TryParse(continuation.AsSpan(BeforeRow.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seq)
            ? seq
            : throw new InvalidContinuationException("This store did not issue the continuation. Start again without it.");
}
