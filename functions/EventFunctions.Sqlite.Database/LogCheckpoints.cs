using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>
/// Moves committed pages from the log to the file beside the writer, which waits only for the rest that was written meanwhile. A log that is
/// moved whole is reused from its beginning.
/// </summary>
/// <param name="database">The database.</param>
internal sealed class LogCheckpoints(SqliteDatabase database)
{
    /// <summary>After how many written pages the log is moved: a page that changed often is moved once.</summary>
    public const int Pages = 8_000;

    // Beyond this the writer waits, so that the log stays bounded.
    private const int MaxPages = 4 * Pages;

    private Task? _moving;
    private long _movedAt;

    /// <summary>Begins or ends a checkpoint if enough was written. Call it on the writer's thread, outside transactions.</summary>
    /// <param name="writer">The writer's connection.</param>
    public void Committed(SqliteConnection writer)
    {
        var written = WrittenPages(writer) - _movedAt;
        if (written < Pages)
        {
            return;
        }

        // On a thread of its own, because it waits for the disk.
        _moving ??= Task.Factory.StartNew(Move, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!_moving.IsCompleted && written < MaxPages)
        {
            return;
        }

        _moving.Wait();
        _moving = null;
        _ = raw.sqlite3_wal_checkpoint_v2(writer.Handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
        _movedAt = WrittenPages(writer);
    }

    /// <summary>Waits until no checkpoint runs.</summary>
    public void Wait() => _moving?.Wait();

    /// <summary>Ends the work. The next connection counts anew.</summary>
    public void Closed()
    {
        Wait();
        (_moving, _movedAt) = (null, 0);
    }

    private static long WrittenPages(SqliteConnection writer)
    {
        _ = raw.sqlite3_db_status(writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, 0);
        return written;
    }

    // What fails here is left to the next checkpoint.
    private void Move()
    {
        try
        {
            database.MoveLog();
        }
        catch (SqliteException)
        {
        }
    }
}
