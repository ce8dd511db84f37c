using System.Collections.Concurrent;
using EventFunctions.Storage;
using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>Connections that only read, one for each concurrent read; idle ones are kept.</summary>
/// <typeparam name="TStatements">The prepared statements of a connection.</typeparam>
/// <param name="database">The database.</param>
/// <param name="prepare">Prepares the statements on a connection.</param>
public sealed class ReaderPool<TStatements>(SqliteDatabase database, Func<SqliteConnection, TStatements> prepare) : IDisposable
    where TStatements : IDisposable
{
    private const int MaxIdle = 8;

    // More at once would not be read sooner, and each holds a page and a thread that others wait for.
    private static readonly int MaxScans = Math.Clamp(Environment.ProcessorCount, 4, MaxIdle);

    private readonly ConcurrentBag<Reader> _idle = [];
    private readonly SemaphoreSlim _scans = new(MaxScans);
    private volatile bool _closed;

    /// <summary>Reads, on the caller's thread.</summary>
    /// <param name="read">Reads through the statements; nothing it returns may refer to them.</param>
    /// <param name="cancellationToken">Interrupts the statement that is running.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be read now.</exception>
    public T Read<T>(Func<TStatements, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_closed, this);
        Reader? reader = null;
        try
        {
            reader = _idle.TryTake(out var idle) ? idle : Open();
            using (cancellationToken.UnsafeRegister(static state => raw.sqlite3_interrupt(((SqliteConnection)state!).Handle), reader.Connection))
            {
                return read(reader.Statements);
            }
        }
        catch (SqliteException e)
        {
            // A connection that met an error is not used again.
            reader?.Dispose();
            reader = null;
            cancellationToken.ThrowIfCancellationRequested();
            throw new StoreUnavailableException($"Cannot read {database.Path}: {e.Message}", e);
        }
        finally
        {
            GiveBack(reader);
        }
    }

    /// <summary>Reads many rows, when it is its turn.</summary>
    /// <param name="read">Reads through the statements; nothing it returns may refer to them.</param>
    /// <param name="cancellationToken">Ends the wait, or interrupts the statement that is running.</param>
    /// <exception cref="StoreUnavailableException">The database cannot be read now.</exception>
    public async Task<T> ScanAsync<T>(Func<TStatements, T> read, CancellationToken cancellationToken)
    {
        await _scans.WaitAsync(cancellationToken);
        try
        {
            // A new thread costs more than most scans, of which each event with an entity makes one.
            return await Task.Run(() => Read(read, cancellationToken), cancellationToken);
        }
        finally
        {
            _scans.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closed = true;
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private void GiveBack(Reader? reader)
    {
        if (reader is null)
        {
            return;
        }

        if (_closed || _idle.Count >= MaxIdle)
        {
            reader.Dispose();
            return;
        }

        _idle.Add(reader);
    }

    private Reader Open()
    {
        var connection = database.OpenReader();
        try
        {
            return new Reader(connection, prepare(connection));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private sealed record Reader(SqliteConnection Connection, TStatements Statements) : IDisposable
    {
        public void Dispose()
        {
            Statements.Dispose();
            Connection.Dispose();
        }
    }
}
