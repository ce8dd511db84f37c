using System.Globalization;
using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>
/// One SQLite database file: opens connections that are safe against power loss (WAL, <c>synchronous=FULL</c>) and keeps
/// its schema, counted in <c>user_version</c>, at what the code knows.
/// </summary>
public sealed class SqliteDatabase
{
    /// <summary>How long a connection waits for a lock that another process holds.</summary>
    public static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(2);

    // Writes wait for whoever waits for readers.
    private static readonly TimeSpan EmptyingTimeout = TimeSpan.FromMilliseconds(200);

    // Closing a file takes away the locks that SQLite holds on it in this process, so nobody may have it open yet.
    private static readonly Lock Creation = new();

    private readonly IReadOnlyList<string> _migrations;

    /// <summary>Names the file; it is created, with its folder, when first opened.</summary>
    /// <param name="path">The path of the database file; <c>-wal</c> and <c>-shm</c> files stand beside it.</param>
    /// <param name="migrations">SQL that takes the schema from each version to the next; the schema's version is how many were run.</param>
    public SqliteDatabase(string path, IReadOnlyList<string> migrations)
    {
        Path = System.IO.Path.GetFullPath(path);
        _migrations = migrations;
    }

    /// <summary>The full path of the database file.</summary>
    public string Path { get; }

    // Lets tests make a writing connection meet a full or read-only disk.
    internal Action<SqliteConnection>? WriterOpened { get; set; }

    /// <summary>Checks a database's files and folder, if they are there.</summary>
    /// <param name="path">The path of the database file.</param>
    /// <exception cref="UnsafeFileException">Another user of the machine can change one of them.</exception>
    public static void Check(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (System.IO.Path.GetDirectoryName(full) is { } folder)
        {
            PrivateFiles.CheckFolder(folder);
        }

        foreach (var suffix in (string[])["", "-wal", "-shm", "-journal", CommitCount.Suffix])
        {
            PrivateFiles.CheckFile(full + suffix);
        }
    }

    /// <summary>Opens a connection that may write, and brings the schema up to date.</summary>
    /// <exception cref="SqliteException">The file cannot be opened or written now.</exception>
    /// <exception cref="SqliteSchemaException">The file was written by a newer version.</exception>
    /// <exception cref="UnsafeFileException">Another user of the machine can change the file.</exception>
    public SqliteConnection OpenWriter()
    {
        Create();
        var connection = Open();
        try
        {
            // Deleted rows are overwritten. A small cache: SQLite walks the whole table of its pages at a commit, and the operating system keeps the
            // file in memory anyway.
            Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
                + "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY");
            Migrate(connection);
            WriterOpened?.Invoke(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that only reads; each statement sees the data that was committed when it began.</summary>
    /// <exception cref="SqliteException">The file cannot be opened now.</exception>
    public SqliteConnection OpenReader()
    {
        var connection = Open();
        try
        {
            // No memory map: an I/O error in one ends the process, where a read only fails.
            Execute(connection, "PRAGMA query_only=ON; PRAGMA mmap_size=0; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Empties the log beside the file, which keeps what pages held before until it is overwritten. Most of the work is done
    /// beside readers and writers; writes wait only for the rest, a fraction of a second.
    /// </summary>
    /// <returns>False if it has to be tried again: another connection reads or writes, or the file cannot be written now.</returns>
    public bool TryEmptyLog()
    {
        try
        {
            using var connection = Open();
            raw.sqlite3_busy_timeout(connection.Handle, (int)EmptyingTimeout.TotalMilliseconds);
            Execute(connection, "PRAGMA wal_checkpoint(PASSIVE)");
            using var statement = new SqliteStatement(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            return statement.Single(row => row.Int64(0)) == 0;
        }
        catch (SqliteException)
        {
            return false;
        }
    }

    /// <summary>Moves committed pages from the log to the file, beside readers and writers.</summary>
    /// <exception cref="SqliteException">The file cannot be written now.</exception>
    internal void MoveLog()
    {
        using var connection = Open();
        Execute(connection, "PRAGMA synchronous=FULL; PRAGMA wal_checkpoint(PASSIVE)");
    }

    /// <summary>
    /// Rewrites the file from its current data. <c>secure_delete</c> overwrites a deleted row, but not the copies in unused space of pages
    /// from which rows were moved before.
    /// </summary>
    /// <exception cref="SqliteException">The file cannot be written now.</exception>
    internal void Rebuild()
    {
        using var connection = Open();
        Execute(connection, "VACUUM");
    }

    /// <summary>Runs SQL that has no parameters and gives no rows.</summary>
    /// <param name="connection">Where to run it.</param>
    /// <param name="sql">One statement or several.</param>
    /// <exception cref="SqliteException">A statement failed.</exception>
    internal static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowIfFailed(raw.sqlite3_exec(connection.Handle, sql), connection.Handle);

    // Not by SQLite, which would let everybody read it. The files beside it get its mode.
    private void Create()
    {
        if (System.IO.Path.GetDirectoryName(Path) is { } folder)
        {
            PrivateFiles.CreateFolder(folder);
        }

        Check(Path);
        lock (Creation)
        {
            if (File.Exists(Path))
            {
                return;
            }

            try
            {
                PrivateFiles.Create(Path).Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException && !File.Exists(Path))
            {
                throw new SqliteException(e.Message, raw.SQLITE_CANTOPEN);
            }
            catch (IOException)
            {
                // Another process was faster.
            }
        }
    }

    private SqliteConnection Open() => new(Path, BusyTimeout);

    private void Migrate(SqliteConnection connection)
    {
        if (IsCurrent(connection))
        {
            return;
        }

        // Another process may have been faster: only the version read under the lock counts.
        Execute(connection, "BEGIN IMMEDIATE");
        if (!IsCurrent(connection))
        {
            foreach (var migration in _migrations.Skip(ReadVersion(connection)))
            {
                Execute(connection, migration);
            }

            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={_migrations.Count}"));
        }

        Execute(connection, "COMMIT");
    }

    private bool IsCurrent(SqliteConnection connection)
    {
        var version = ReadVersion(connection);
        return version <= _migrations.Count
            ? version == _migrations.Count
            : throw new SqliteSchemaException(
                $"{Path} was written by a newer version of this program: its schema is {version}, and this version supports {_migrations.Count}. Update the program.");
    }

    private static int ReadVersion(SqliteConnection connection)
    {
        using var statement = new SqliteStatement(connection, "PRAGMA user_version");
        return statement.Single(row => (int)row.Int64(0));
    }
}

/// <summary>A database file has a schema that this version of the program does not know.</summary>
public sealed class SqliteSchemaException(string message) : Exception(message);
