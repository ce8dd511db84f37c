using System.Text;
using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>
/// A statement prepared once and run often, without the allocations of an ADO.NET command: UTF-8 goes in and comes out
/// as it is. Parameters count from 1, columns from 0. Not for two threads at once.
/// </summary>
public sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares a statement.</summary>
    /// <param name="connection">An open connection, which must outlive the statement.</param>
    /// <param name="sql">One SQL statement.</param>
    /// <exception cref="SqliteException">The SQL is not valid here.</exception>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle;
        Check(raw.sqlite3_prepare_v3(_database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
    }

    /// <summary>Binds an integer; null is NULL.</summary>
    /// <param name="index">The parameter, from 1.</param>
    /// <param name="value">The value.</param>
    public SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(_statement, index, number) : raw.sqlite3_bind_null(_statement, index));
        return this;
    }

    /// <summary>Binds text; null is NULL.</summary>
    /// <param name="index">The parameter, from 1.</param>
    /// <param name="value">The value.</param>
    public SqliteStatement Bind(int index, string? value)
    {
        if (value is null)
        {
            Check(raw.sqlite3_bind_null(_statement, index));
            return this;
        }

        // With its length, since text may hold U+0000.
        Span<byte> buffer = stackalloc byte[256];
        return Encoding.UTF8.TryGetBytes(value, buffer, out var length)
            ? BindUtf8(index, buffer[..length])
            : BindUtf8(index, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Binds text that is UTF-8 already.</summary>
    /// <param name="index">The parameter, from 1.</param>
    /// <param name="utf8">The value.</param>
    public SqliteStatement BindUtf8(int index, ReadOnlySpan<byte> utf8)
    {
        // A null pointer, which is what an empty span may have, would bind NULL.
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(_statement, index, "") : raw.sqlite3_bind_text(_statement, index, utf8));
        return this;
    }

    /// <summary>Binds bytes.</summary>
    /// <param name="index">The parameter, from 1.</param>
    /// <param name="bytes">The value.</param>
    public SqliteStatement BindBlob(int index, ReadOnlySpan<byte> bytes)
    {
        Check(raw.sqlite3_bind_blob(_statement, index, bytes));
        return this;
    }

    /// <summary>Runs the statement with the bound values, and skips its rows.</summary>
    /// <returns>How many rows it inserted, updated or deleted.</returns>
    /// <exception cref="SqliteException">The statement failed, and changed nothing.</exception>
    public int Run()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>The row that was inserted last on the connection.</summary>
    public long InsertedRow => raw.sqlite3_last_insert_rowid(_database);

    /// <summary>Runs the statement and reads its first row.</summary>
    /// <param name="read">Reads the columns; nothing it returns may refer to the row.</param>
    /// <returns>What was read; default where there is no row.</returns>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public T? Single<T>(Func<SqliteStatement, T> read)
    {
        try
        {
            return Step() ? read(this) : default;
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs the statement and reads all of its rows.</summary>
    /// <param name="read">Reads the columns of one row; nothing it returns may refer to the row.</param>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public List<T> Select<T>(Func<SqliteStatement, T> read)
    {
        List<T> rows = [];
        Visit(row =>
        {
            rows.Add(read(row));
            return true;
        });
        return rows;
    }

    /// <summary>Runs the statement for as long as its rows are wanted.</summary>
    /// <param name="visit">Reads the columns of one row and tells whether it wants the next.</param>
    /// <exception cref="SqliteException">The statement failed.</exception>
    public void Visit(Func<SqliteStatement, bool> visit)
    {
        try
        {
            while (Step() && visit(this))
            {
            }
        }
        finally
        {
            raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>A column of the current row as an integer; NULL is 0.</summary>
    /// <param name="column">The column, from 0.</param>
    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    /// <summary>A column of the current row as text; null for NULL.</summary>
    /// <param name="column">The column, from 0.</param>
    public string? Text(int column) =>
        IsNull(column) ? null : Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    /// <summary>
    /// Returns a column of the current row as stored: UTF-8, or a blob's bytes. Valid until the next step of the statement.
    /// </summary>
    /// <param name="column">The column, from 0.</param>
    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>Whether a column of the current row is NULL.</summary>
    /// <param name="column">The column, from 0.</param>
    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <inheritdoc/>
    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var result = raw.sqlite3_step(_statement);
        if (result is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            Check(result);
        }

        return result == raw.SQLITE_ROW;
    }

    private void Check(int result) => SqliteException.ThrowIfFailed(result, _database);
}
