using System.Buffers.Binary;

namespace EventFunctions.Sqlite;

/// <summary>
/// Counts the commits of a database, in its table <c>commits</c> and in a file beside it. A damaged log ends at the last commit
/// that SQLite can read, without an error: a table that is behind the file shows that the commits between were lost.
/// </summary>
public sealed class CommitCount : IDisposable
{
    /// <summary>What the file's name adds to that of the database.</summary>
    public const string Suffix = "-commits";

    private readonly SqliteStatement _write;
    private readonly FileStream? _file;
    private long _count;

    /// <summary>Continues the count of a database.</summary>
    /// <param name="path">The path of the database file.</param>
    /// <param name="connection">The connection of its one writer.</param>
    /// <exception cref="UnsafeFileException">Another user of the machine can change the file.</exception>
    public CommitCount(string path, SqliteConnection connection)
    {
        _write = new SqliteStatement(connection, "UPDATE commits SET count = ?1");
        _count = CountOf(connection);
        try
        {
            _file = PrivateFiles.OpenOrCreate(path + Suffix, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The database may still be writable.
        }
    }

    /// <summary>Returns how many commits a database has lost: 0 if it has all, or there is no file beside it.</summary>
    /// <param name="path">The path of the database file.</param>
    /// <param name="connection">A connection to it.</param>
    public static long Missing(string path, SqliteConnection connection)
    {
        try
        {
            var bytes = File.ReadAllBytes(path + Suffix);
            return bytes.Length == sizeof(long) ? Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(bytes) - CountOf(connection)) : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Counts the transaction that is about to be committed.</summary>
    internal void Add() => _write.Bind(1, ++_count).Run();

    /// <summary>Notes that the transaction is durable. The file need not be: one that is behind shows no loss.</summary>
    internal void Keep()
    {
        if (_file is null)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _count);
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, bytes, 0);
        }
        catch (IOException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _write.Dispose();
        _file?.Dispose();
    }

    private static long CountOf(SqliteConnection connection)
    {
        using var statement = new SqliteStatement(connection, "SELECT count FROM commits");
        return statement.Single(row => row.Int64(0));
    }
}
