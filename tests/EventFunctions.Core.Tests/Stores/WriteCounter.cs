using System.Text.RegularExpressions;
using EventFunctions.Sqlite;

namespace EventFunctions.Tests.Stores;

/// <summary>
/// Counts the rows and index entries that are written to a SQLite file, whoever writes them, by triggers that stand for what SQLite does: a
/// row that changes takes its entry out of an index and puts another in if a column of the index, or its condition, changes.
/// </summary>
internal sealed partial class WriteCounter : IDisposable
{
    private readonly SqliteConnection _connection;

    /// <param name="path">The file.</param>
    /// <param name="but">The tables that do not count.</param>
    public WriteCounter(string path, params string[] but)
    {
        _connection = new SqliteConnection(path, TimeSpan.FromSeconds(30));
        Run("CREATE TABLE written (rows INTEGER NOT NULL, entries INTEGER NOT NULL); INSERT INTO written VALUES (0, 0)");
        foreach (var (table, sql) in Read("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'written'"))
        {
            if (but.Contains(table))
            {
                continue;
            }

            var columns = Read($"SELECT name, '' FROM pragma_table_info('{table}')").Select(column => column.Item1).ToHashSet(StringComparer.Ordinal);
            var indexes = Indexes(table, sql.Contains("WITHOUT ROWID", StringComparison.Ordinal), columns).ToList();
            Trigger(table, "INSERT", indexes.Select(index => index.Holds("NEW")));
            Trigger(table, "DELETE", indexes.Select(index => index.Holds("OLD")));
            Trigger(table, "UPDATE", indexes.Select(index => index.Moves()));
        }
    }

    /// <summary>What was written since the last call: inserted, changed and removed rows; inserted and removed index entries.</summary>
    public (long Rows, long Entries) Take()
    {
        var (rows, entries) = Read("SELECT rows, entries FROM written").Single();
        Run("UPDATE written SET rows = 0, entries = 0");
        return (long.Parse(rows, null), long.Parse(entries, null));
    }

    public void Dispose() => _connection.Dispose();

    private void Trigger(string table, string kind, IEnumerable<string> entries) => Run($"""
        CREATE TRIGGER written_{table}_{kind} AFTER {kind} ON {table} BEGIN
            UPDATE written SET rows = rows + 1, entries = entries + {string.Join(" + ", entries.Append("0"))};
        END
        """);

    private IEnumerable<IndexShape> Indexes(string table, bool withoutRowId, HashSet<string> columns)
    {
        foreach (var (name, origin) in Read($"SELECT name, origin FROM pragma_index_list('{table}')"))
        {
            if (origin == "pk" && withoutRowId)
            {
                continue;
            }

            var sql = Read($"SELECT coalesce(sql, ''), '' FROM sqlite_master WHERE name = '{name}'").Single().Item1;
            var match = IndexSql().Match(sql);
            yield return match.Success
                ? new IndexShape(match.Groups["columns"].Value, match.Groups["condition"].Success ? match.Groups["condition"].Value : "1", columns)
                : new IndexShape(string.Join(", ", Read($"SELECT name, '' FROM pragma_index_info('{name}')").Select(column => $"\"{column.Item1}\"")), "1", columns);
        }
    }

    private List<(string, string)> Read(string sql)
    {
        using var statement = new SqliteStatement(_connection, sql);
        return statement.Select(row => (row.Text(0)!, row.Text(1)!));
    }

    private void Run(string sql) => SqliteDatabase.Execute(_connection, sql);

    [GeneratedRegex(@"ON\s+\w+\s*\((?<columns>.*?)\)\s*(WHERE\s+(?<condition>.*))?$", RegexOptions.Singleline)]
    private static partial Regex IndexSql();

    [GeneratedRegex(@"'[^']*'|""(?<quoted>\w+)""|(?<word>\b[a-z_]\w*\b)")]
    private static partial Regex Word();

    private sealed record IndexShape(string Columns, string Condition, HashSet<string> Known)
    {
        public string Holds(string row) => $"coalesce(({Of(Condition, row)}), 0)";

        public string Moves()
        {
            var changed = string.Join(" OR ", Split(Columns).Select(column => $"({Of(column, "OLD")}) IS NOT ({Of(column, "NEW")})"));
            var (before, after) = (Holds("OLD"), Holds("NEW"));
            return $"({before} AND (NOT {after} OR {changed})) + ({after} AND (NOT {before} OR {changed}))";
        }

        // No expression in an index has a comma.
        private static string[] Split(string columns) => columns.Split(',', StringSplitOptions.TrimEntries);

        private string Of(string expression, string row) => Word().Replace(expression, match =>
            match.Groups["quoted"] is { Success: true } quoted ? $"{row}.\"{quoted.Value}\""
            : match.Groups["word"] is { Success: true } word && Known.Contains(word.Value) ? $"{row}.\"{word.Value}\""
            : match.Value);
    }
}
