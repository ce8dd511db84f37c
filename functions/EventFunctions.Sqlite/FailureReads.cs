using EventFunctions.CloudEvents;
using EventFunctions.Storage;
using Microsoft.Data.Sqlite;

namespace EventFunctions.Sqlite;

/// <summary>Counts failures from the index that holds them alone, however many other records there are.</summary>
internal sealed class FailureReads : IDisposable
{
    private const string Failures = "FROM records INDEXED BY records_failures WHERE status IN (16, 32) AND document ->> '$.dismissed' IS ?1";

    private readonly TimeProvider _time;
    private readonly SqliteStatement _groups;
    private readonly SqliteStatement _samples;

    public FailureReads(SqliteConnection connection, TimeProvider time)
    {
        _time = time;
        _groups = new(connection, $"""
            SELECT document ->> '$.producer', type, document ->> '$.reason', count(*), sum(document ->> '$.run' > 0), min(recorded_at), max(recorded_at)
            {Failures} AND (expires_at IS NULL OR expires_at > ?2)
            GROUP BY document ->> '$.producer', type, document ->> '$.reason' ORDER BY 4 DESC, 1, 2, 3 LIMIT ?3
            """);
        _samples = new(connection, $"""
            SELECT source, document ->> '$.eventId'
            {Failures} AND document ->> '$.producer' = ?3 AND type = ?4 AND document ->> '$.reason' IS ?5 AND (expires_at IS NULL OR expires_at > ?2)
            ORDER BY recorded_at DESC LIMIT ?6
            """);
    }

    public FailureSummary Read(bool dismissed)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var groups = _groups.Bind(1, dismissed ? 1 : null).Bind(2, now).Bind(3, FailureSummary.MaxGroups + 1).Select(Group);
        return new FailureSummary(
            [.. groups.Take(FailureSummary.MaxGroups).Select(group => group with { Samples = [.. Samples(group)] })], groups.Count <= FailureSummary.MaxGroups);

        IEnumerable<EventKey> Samples(FailureGroup group) => _samples
            .Bind(1, dismissed ? 1 : null)
            .Bind(2, now)
            .Bind(3, group.Producer)
            .Bind(4, group.Type)
            .Bind(5, group.Reason)
            .Bind(6, FailureSummary.MaxSamples)
            .Select(row => new EventKey(row.Text(0)!, row.Text(1)!));
    }

    public void Dispose()
    {
        _groups.Dispose();
        _samples.Dispose();
    }

    private static FailureGroup Group(SqliteStatement row) => new(row.Text(0)!, row.Text(1)!, row.Text(2))
    {
        Count = row.Int64(3),
        FailedAgain = row.Int64(4),
        First = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(5)),
        Last = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64(6)),
    };
}
