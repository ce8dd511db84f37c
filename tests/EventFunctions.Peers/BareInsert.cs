using Microsoft.Data.Sqlite;

namespace EventFunctions.Peers;

/// <summary>One INSERT into SQLite for each request, synchronised to disk before the response; nothing is handled afterwards.</summary>
internal sealed class BareInsert : IPeer
{
    private readonly Lock _lock = new();
    private SqliteCommand? _insert;

    public void Configure(WebApplicationBuilder builder, string connection)
    {
        var database = new SqliteConnection(connection);
        database.Open();
        using var setup = database.CreateCommand();
        setup.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE events (body TEXT)";
        setup.ExecuteNonQuery();
        _insert = database.CreateCommand();
        _insert.CommandText = "INSERT INTO events VALUES ($body)";
        _insert.Parameters.Add("$body", SqliteType.Text);
        _insert.Prepare();
    }

    public Task AcceptAsync(IServiceProvider services, string body)
    {
        lock (_lock)
        {
            _insert!.Parameters[0].Value = body;
            _insert.ExecuteNonQuery();
        }

        Completed.Add();
        return Task.CompletedTask;
    }
}
