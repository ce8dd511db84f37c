using System.Globalization;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The queues' writes, prepared on the writer's connection when first used. A claim is known by its message and how often that was claimed.</summary>
internal sealed class MessageWrites(SqliteConnection connection, TimeProvider time) : IDisposable
{
    private const string Claimed = "seq = ?1 AND dequeue_count = ?2 AND claimed";

    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public int Send(string queue, byte[] text, TimeSpan delay) =>
        Prepare("INSERT INTO messages (queue, visible_at, dequeue_count, claimed, text) VALUES (?1, ?2, 0, 0, ?3)")
            .Bind(1, queue)
            .Bind(2, Now + Milliseconds(delay))
            .BindUtf8(3, text)
            .Run();

    public IReadOnlyList<ClaimedMessage> Claim(string queue, int limit, TimeSpan hidden)
    {
        var now = Now;
        return Prepare("""
            UPDATE messages SET visible_at = ?3, dequeue_count = dequeue_count + 1, claimed = 1
            WHERE seq IN (SELECT seq FROM messages INDEXED BY messages_due WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, seq LIMIT ?4)
            RETURNING seq, dequeue_count, text
            """)
            .Bind(1, queue)
            .Bind(2, now)
            .Bind(3, now + Milliseconds(hidden))
            .Bind(4, limit)
            .Select(row => new ClaimedMessage(queue, Text(row.Int64(0)), Text(row.Int64(1)), row.Text(2)!, row.Int64(1)));
    }

    public bool Renew(ClaimedMessage message, TimeSpan hidden) => Change(message, $"UPDATE messages SET visible_at = ?3 WHERE {Claimed}", hidden);

    public bool Return(ClaimedMessage message, TimeSpan delay) => Change(message, $"UPDATE messages SET visible_at = ?3, claimed = 0 WHERE {Claimed}", delay);

    public bool Complete(ClaimedMessage message) => Bind(message, $"DELETE FROM messages WHERE {Claimed}").Run() == 1;

    /// <summary>Sends it anew and removes it, so that no claim of the one fits the other.</summary>
    public bool SetAside(ClaimedMessage message)
    {
        Change(
            message,
            $"""
            INSERT INTO messages (queue, visible_at, dequeue_count, claimed, text)
            SELECT queue || '{IMessageReceiver.PoisonSuffix}', ?3, 0, 0, text FROM messages WHERE {Claimed}
            """,
            TimeSpan.Zero);
        return Complete(message);
    }

    /// <summary>Releases messages that were claimed by a process that has ended.</summary>
    public int Recover() => Prepare("UPDATE messages SET visible_at = ?1, claimed = 0 WHERE claimed").Bind(1, Now).Run();

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }

    private bool Change(ClaimedMessage message, string sql, TimeSpan hidden) => Bind(message, sql).Bind(3, Now + Milliseconds(hidden)).Run() == 1;

    private SqliteStatement Bind(ClaimedMessage message, string sql) => Prepare(sql).Bind(1, Number(message.Id)).Bind(2, Number(message.Receipt));

    private static long Milliseconds(TimeSpan time) => (long)Math.Ceiling(time.TotalMilliseconds);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private SqliteStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(connection, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }
}
