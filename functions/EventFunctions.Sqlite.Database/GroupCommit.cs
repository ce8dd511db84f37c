using System.Diagnostics;
using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>
/// The one writer of a database: a thread with its own connection that commits everything that waits in one transaction,
/// because syncing the disk costs the same for one write as for a thousand. A write that finds the writer idle is
/// committed at once and alone. No write is reported as done before its COMMIT succeeded.
/// </summary>
/// <typeparam name="TStatements">The prepared statements that writes use; disposed with their connection.</typeparam>
public sealed class GroupCommit<TStatements> : IAsyncDisposable
    where TStatements : IDisposable
{
    /// <summary>The most writes in one transaction.</summary>
    public const int MaxWrites = 1_000;

    // Bounds the wait behind writes that are large: a thousand documents of 1 MB are no batch.
    private static readonly TimeSpan MaxDuration = TimeSpan.FromMilliseconds(50);

    private readonly SqliteDatabase _database;
    private readonly Func<SqliteConnection, TStatements> _prepare;
    private readonly Func<string, Exception?, Exception> _unavailable;
    private readonly bool _countsCommits;
    private readonly LogCheckpoints _checkpoints;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _lock = new();
    private Queue<Write> _waiting = new();
    private TaskCompletionSource? _cleaning;
    private bool _closed;
    private long _transactions;

    // The writer thread's own.
    private Queue<Write> _taken = new();
    private SqliteConnection? _connection;
    private TStatements? _statements;
    private CommitCount? _commits;

    /// <summary>Starts the writer. The database is opened when the first write comes.</summary>
    /// <param name="database">The database, which nobody else in this process should write to.</param>
    /// <param name="prepare">Prepares the statements on a connection: once, and again after a failure that cost the connection.</param>
    /// <param name="unavailable">Creates the exception for a database that cannot be written, from a message and its cause.</param>
    /// <param name="countsCommits">Whether the database has a <see cref="CommitCount"/>.</param>
    public GroupCommit(
        SqliteDatabase database, Func<SqliteConnection, TStatements> prepare, Func<string, Exception?, Exception> unavailable, bool countsCommits = false)
    {
        _database = database;
        _prepare = prepare;
        _unavailable = unavailable;
        _countsCommits = countsCommits;
        _checkpoints = new LogCheckpoints(database);
        new Thread(Run) { IsBackground = true, Name = $"Writer of {Path.GetFileName(database.Path)}" }.Start();
    }

    /// <summary>How many transactions were committed.</summary>
    public long Transactions => Interlocked.Read(ref _transactions);

    /// <summary>Runs a write inside the next transaction. It takes effect whole or not at all, and for others only together with it.</summary>
    /// <param name="write">
    /// Reads and writes through the statements and does nothing else: when another write of the transaction throws, it is
    /// run again. Throwing is for what is exceptional, since it costs the whole batch a second run.
    /// </param>
    /// <param name="cancellationToken">Before the write is taken up, takes it back; later, ends the wait only.</param>
    /// <param name="committed">Runs on the writer's thread once the write is durable, in the order of the writes, even if nobody waits any more. Must not throw.</param>
    /// <returns>What <paramref name="write"/> returned, once it is durable.</returns>
    /// <exception cref="Exception">
    /// The exception that the owner creates: the transaction could not be committed, because the database is locked, full or
    /// read-only, or because of an I/O error.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The writer was closed.</exception>
    public Task<T> WriteAsync<T>(Func<TStatements, T> write, CancellationToken cancellationToken, Action? committed = null)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        var waiting = new Write<T>(write, committed, cancellationToken);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _waiting.Enqueue(waiting);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_lock);
            }
        }

        return waiting.Done;
    }

    /// <summary>
    /// Removes deleted and overwritten data from the database's files. Writes wait, one to three seconds for 100 MB; reads do not.
    /// Concurrent calls share the work.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait only.</param>
    /// <exception cref="Exception">
    /// The exception that the owner creates: something is left, because the file cannot be written now or another process reads it.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The writer was closed.</exception>
    public Task CleanAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource cleaning;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            cleaning = _cleaning ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Monitor.Pulse(_lock);
        }

        return cleaning.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Commits what waits, takes nothing new, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _closed = true;
            Monitor.Pulse(_lock);
        }

        await _ended.Task;
    }

    private void Run()
    {
        while (TakeWhatWaits(out var cleaning))
        {
            while (_taken.Count > 0)
            {
                Commit();
            }

            if (cleaning is not null)
            {
                Clean(cleaning);
            }
        }

        Close();
        _ended.SetResult();
    }

    private bool TakeWhatWaits(out TaskCompletionSource? cleaning)
    {
        lock (_lock)
        {
            while (_waiting.Count == 0 && _cleaning is null && !_closed)
            {
                Monitor.Wait(_lock);
            }

            (_waiting, _taken) = (_taken, _waiting);
            (cleaning, _cleaning) = (_cleaning, null);
            return _taken.Count > 0 || cleaning is not null;
        }
    }

    // On the writer's thread: a write that met the file locked for so long would fail.
    private void Clean(TaskCompletionSource cleaning)
    {
        try
        {
            Open();
            _checkpoints.Wait();
            _database.Rebuild();
            if (_database.TryEmptyLog())
            {
                cleaning.SetResult();
            }
            else
            {
                cleaning.SetException(_unavailable($"Cannot clean {_database.Path}: another process is reading it, or the disk is full.", null));
            }
        }
        catch (Exception e)
        {
            cleaning.SetException(_unavailable($"Cannot clean {_database.Path}: {e.Message}", e));
        }
    }

    private void Commit()
    {
        List<Write> batch = [];
        try
        {
            Open();
            Begin();
            if (!TryRunTogether(batch))
            {
                SqliteDatabase.Execute(_connection!, "ROLLBACK");
                Begin();
                RunApart(batch);
            }

            _commits?.Add();
            SqliteDatabase.Execute(_connection!, "COMMIT");
            _commits?.Keep();
        }
        catch (Exception e)
        {
            // Whatever the connection is in now, a new one is not; closing it also rolls back.
            Close();
            if (batch.Count == 0)
            {
                batch.AddRange(_taken);
                _taken.Clear();
            }

            Fail(batch, e);
            return;
        }

        Interlocked.Increment(ref _transactions);
        batch.ForEach(write => write.Settle());
        _checkpoints.Committed(_connection!);
    }

    private void Begin() => SqliteDatabase.Execute(_connection!, "BEGIN IMMEDIATE");

    // False as soon as a write throws, for a reason that is its own.
    private bool TryRunTogether(List<Write> batch)
    {
        var clock = Stopwatch.GetTimestamp();
        while (TakeNext(batch, clock) is { } write)
        {
            if (!TryRun(write))
            {
                return false;
            }
        }

        return true;
    }

    // Savepoints keep the writes from each other, and cost too much to be had when no write throws.
    private void RunApart(List<Write> batch)
    {
        var clock = Stopwatch.GetTimestamp();
        for (var i = 0; i < batch.Count || TakeNext(batch, clock) is not null; i++)
        {
            SqliteDatabase.Execute(_connection!, "SAVEPOINT one");
            SqliteDatabase.Execute(_connection!, TryRun(batch[i]) ? "RELEASE one" : "ROLLBACK TO one; RELEASE one");
        }
    }

    private Write? TakeNext(List<Write> batch, long clock)
    {
        while (batch.Count < MaxWrites && Stopwatch.GetElapsedTime(clock) < MaxDuration && _taken.TryDequeue(out var write))
        {
            if (!write.IsCancelled)
            {
                batch.Add(write);
                return write;
            }
        }

        return null;
    }

    private bool TryRun(Write write)
    {
        var ran = true;
        try
        {
            write.Run(_statements!);
        }
        catch (Exception e) when (!IsStoreFailure(e))
        {
            write.Threw(e);
            ran = false;
        }

        // Some errors make SQLite roll back the whole transaction. Statements after that would be on their own, and the
        // writes before it are undone, so none of them may be reported as done.
        return raw.sqlite3_get_autocommit(_connection!.Handle) == 0
            ? ran
            : throw new InvalidOperationException("SQLite rolled back the transaction.", write.Error);
    }

    // Errors that are about the database and not about what a write asked of it.
    private static bool IsStoreFailure(Exception exception) => exception is SqliteException
    {
        Code: raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_READONLY or raw.SQLITE_IOERR
            or raw.SQLITE_CORRUPT or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_NOTADB
            or raw.SQLITE_PERM or raw.SQLITE_SCHEMA,
    };

    private void Fail(List<Write> writes, Exception exception)
    {
        var failure = exception as SqliteSchemaException
            ?? _unavailable($"Cannot write to {_database.Path}: {exception.Message}", exception);
        foreach (var write in writes)
        {
            write.Threw(failure);
            write.Settle();
        }
    }

    private void Open()
    {
        if (_connection is null)
        {
            _connection = _database.OpenWriter();
            SqliteDatabase.Execute(_connection, "PRAGMA wal_autocheckpoint=0");
            _statements = _prepare(_connection);
            _commits = _countsCommits ? new CommitCount(_database.Path, _connection) : null;
        }
    }

    private void Close()
    {
        if (_connection is { } connection)
        {
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                _ = raw.sqlite3_exec(connection.Handle, "ROLLBACK");
            }

            _checkpoints.Closed();
            _statements?.Dispose();
            _commits?.Dispose();
            connection.Dispose();
            (_connection, _statements, _commits) = (null, default, null);
        }
    }

    private abstract class Write(CancellationToken cancellationToken)
    {
        public bool IsCancelled => cancellationToken.IsCancellationRequested;

        public Exception? Error { get; private set; }

        public virtual void Run(TStatements statements) => Error = null;

        public void Threw(Exception exception) => Error = exception;

        public abstract void Settle();
    }

    private sealed class Write<T> : Write
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Func<TStatements, T> _write;
        private readonly Action? _committed;
        private readonly CancellationTokenRegistration _cancellation;
        private T? _result;

        public Write(Func<TStatements, T> write, Action? committed, CancellationToken cancellationToken)
            : base(cancellationToken)
        {
            (_write, _committed) = (write, committed);
            _cancellation = cancellationToken.UnsafeRegister(static (self, token) => ((Write<T>)self!)._done.TrySetCanceled(token), this);
        }

        public Task<T> Done => _done.Task;

        public override void Run(TStatements statements)
        {
            base.Run(statements);
            _result = _write(statements);
        }

        public override void Settle()
        {
            _cancellation.Unregister();
            if (Error is { } error)
            {
                _done.TrySetException(error);

                // Where the caller has gone nobody else will look at it, and it is no unobserved error of the process.
                _ = _done.Task.Exception;
            }
            else
            {
                _committed?.Invoke();
                _done.TrySetResult(_result!);
            }
        }
    }
}
