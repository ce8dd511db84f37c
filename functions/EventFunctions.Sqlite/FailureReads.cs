using EventFunctions.CloudEvents;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>Reads failures in groups, which triggers count: its cost grows with the groups, however many failures there are.</summary>
internal sealed class FailureReads : IDisposable
{
    // What has expired counts until it is removed.
    private const string Alive = "(expires_at IS NULL OR expires_at > ?2)";

    // Of a group, those that failed again have a row of their own.
    private const string OfGroup =
        $"FROM records INDEXED BY records_failures WHERE failure = (SELECT id FROM failures WHERE dismissed = ?1 AND producer = ?3 AND type = ?4 AND reason = ?5 AND again = ";

    private readonly TimeProvider _time;
    private readonly SqliteStatement _groups;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _newest;

    public FailureReads(SqliteConnection connection, TimeProvider time)
    {
        _time = time;
        _groups = new(connection, """
            WITH expired (failure, count) AS MATERIALIZED (
                SELECT failure, count(*) FROM records INDEXED BY records_expiring WHERE expires_at <= ?2 AND failure IS NOT NULL GROUP BY failure),
            alive (producer, type, reason, again, count) AS (
                SELECT producer, type, reason, again, failures.count - coalesce(expired.count, 0)
                FROM failures LEFT JOIN expired ON expired.failure = failures.id WHERE dismissed = ?1)
            SELECT producer, type, reason, sum(count), sum(count * again)
            FROM alive WHERE count > 0 GROUP BY producer, type, reason ORDER BY 4 DESC, 1, 2, 3 LIMIT ?3
            """);
        _oldest = new(connection, InOrder("seq", "ASC"));
        _newest = new(connection, InOrder("seq, source, document ->> '$.eventId'", "DESC"));
    }

    public FailureSummary Read(bool dismissed)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var groups = _groups.Bind(1, dismissed ? 1 : 0).Bind(2, now).Bind(3, FailureSummary.MaxGroups + 1).Select(Group);
        return new FailureSummary([.. groups.Take(FailureSummary.MaxGroups).Select(Whole)], groups.Count <= FailureSummary.MaxGroups);

        FailureGroup Whole(FailureGroup group)
        {
            var newest = Bind(_newest, group, FailureSummary.MaxSamples).Select(row => (Seq: row.Int64(0), Key: new EventKey(row.Text(1)!, row.Text(2)!)));
            var oldest = Bind(_oldest, group, 1).Select(row => row.Int64(0));
            return group with
            {
                First = RecordNumber.TimeOf(oldest[0]),
                Last = RecordNumber.TimeOf(newest[0].Seq),
                Samples = [.. newest.Select(one => one.Key)],
            };
        }

        SqliteStatement Bind(SqliteStatement statement, FailureGroup group, int limit) => statement
            .Bind(1, dismissed ? 1 : 0)
            .Bind(2, now)
            .Bind(3, group.Producer)
            .Bind(4, group.Type)
            .Bind(5, group.Reason ?? "")
            .Bind(6, limit);
    }

    public void Dispose()
    {
        _groups.Dispose();
        _oldest.Dispose();
        _newest.Dispose();
    }

    private static string InOrder(string columns, string order) =>
        $"SELECT {columns} {OfGroup}0) AND {Alive} UNION ALL SELECT {columns} {OfGroup}1) AND {Alive} ORDER BY seq {order} LIMIT ?6";

    private static FailureGroup Group(SqliteStatement row) => new(row.Text(0)!, row.Text(1)!, row.Text(2) is { Length: > 0 } reason ? reason : null)
    {
        Count = row.Int64(3),
        FailedAgain = row.Int64(4),
        First = default,
        Last = default,
    };
}
