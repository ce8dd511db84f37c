using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>An open database file. Not for two threads at once.</summary>
public sealed class SqliteConnection : IDisposable
{
    static SqliteConnection() => Batteries_V2.Init();

    /// <summary>Opens a file that exists.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="busyTimeout">How long a statement waits for a lock that another connection holds.</param>
    /// <exception cref="SqliteException">The file cannot be opened now.</exception>
    public SqliteConnection(string path, TimeSpan busyTimeout)
    {
        var result = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READWRITE, null);
        Handle = handle;
        try
        {
            SqliteException.ThrowIfFailed(result, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }

        raw.sqlite3_busy_timeout(handle, (int)busyTimeout.TotalMilliseconds);
    }

    /// <summary>The connection for SQLite's own functions.</summary>
    public sqlite3 Handle { get; }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
