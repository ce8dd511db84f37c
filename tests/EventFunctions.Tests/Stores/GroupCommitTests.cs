using EventFunctions.Sqlite;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

public sealed class GroupCommitTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly GroupCommit<Statements> _writer;

    public GroupCommitTests()
    {
        _database = new SqliteDatabase(
            _folder.File("test.db"), ["CREATE TABLE numbers (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, filler BLOB)"]);
        _writer = new GroupCommit<Statements>(_database, connection => new Statements(connection), Unavailable);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StoreUnavailableException Unavailable(string message, Exception? cause) => new(message, cause);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_write_is_in_the_file_when_its_task_completes()
    {
        await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);

        Assert.Equal([1], ReadNumbers());
    }

    [Fact]
    public async Task What_waits_is_committed_together()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var writes = Enumerable.Range(1, 500).Select(i => _writer.WriteAsync(s => s.Insert(i, $"n{i}"), Cancellation)).ToArray();
        gate.Set();
        await held;
        await Task.WhenAll(writes);

        Assert.InRange(_writer.Transactions, 2, 20);
        Assert.Equal(500, ReadNumbers().Count);
    }

    [Fact]
    public async Task A_batch_is_bounded()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var writes = Enumerable.Range(1, (2 * GroupCommit<Statements>.MaxWrites) + 1)
            .Select(i => _writer.WriteAsync(s => s.Insert(i, $"n{i}"), Cancellation)).ToArray();
        gate.Set();
        await held;
        await Task.WhenAll(writes);

        Assert.InRange(_writer.Transactions, 4, 20);
        Assert.Equal(writes.Length, ReadNumbers().Count);
    }

    [Fact]
    public async Task A_busy_writer_does_not_keep_everything_in_its_log()
    {
        var filler = new byte[1_000_000];
        var file = new FileInfo(_folder.File("test.db"));
        for (var i = 1; !file.Exists || file.Length < filler.Length; i++)
        {
            Assert.InRange(i, 1, 300);
            await _writer.WriteAsync(s => s.Insert(i, $"n{i}", filler), Cancellation);
            file.Refresh();
        }

        Assert.NotEmpty(ReadNumbers());
    }

    [Fact]
    public async Task Nobody_sees_a_write_before_its_batch_is_committed()
    {
        using var gate = new ManualResetEventSlim();
        using var inserted = new ManualResetEventSlim();
        var write = _writer.WriteAsync(
            s =>
            {
                s.Insert(1, "one");
                inserted.Set();
                gate.Wait();
                return 0;
            },
            Cancellation);
        inserted.Wait(Cancellation);

        Assert.Empty(ReadNumbers());
        Assert.False(write.IsCompleted);
        gate.Set();
        await write;
        Assert.Equal([1], ReadNumbers());
    }

    [Fact]
    public async Task A_write_that_throws_fails_alone_and_leaves_nothing_behind()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var before = _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        var broken = _writer.WriteAsync<int>(
            s =>
            {
                s.Insert(2, "two");
                throw new FormatException("broken");
            },
            Cancellation);
        var taken = _writer.WriteAsync(s => s.Insert(3, "one"), Cancellation);
        var after = _writer.WriteAsync(s => s.Insert(4, "four"), Cancellation);
        gate.Set();
        await held;

        Assert.Equal(1, await before);
        await Assert.ThrowsAsync<FormatException>(() => broken);
        Assert.Equal(19, (await Assert.ThrowsAsync<SqliteException>(() => taken)).Code);
        Assert.Equal(1, await after);
        Assert.Equal([1, 4], ReadNumbers());
    }

    [Fact]
    public async Task Writes_that_throw_do_not_break_a_batch_up()
    {
        await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var writes = Enumerable.Range(2, 200).Select(i => _writer.WriteAsync(s => s.Insert(i, i % 2 == 0 ? "one" : $"n{i}"), Cancellation)).ToArray();
        gate.Set();
        await held;

        await Assert.ThrowsAsync<SqliteException>(() => Task.WhenAll(writes));
        Assert.Equal(100, writes.Count(w => w.IsFaulted));
        Assert.Equal(101, ReadNumbers().Count);
        Assert.InRange(_writer.Transactions, 3, 20);
    }

    [Fact]
    public async Task A_database_locked_by_another_connection_is_unavailable_until_the_lock_is_gone()
    {
        await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        using (var other = _database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");
            var writes = Enumerable.Range(2, 5).Select(i => _writer.WriteAsync(s => s.Insert(i, $"n{i}"), Cancellation)).ToArray();
            foreach (var write in writes)
            {
                await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
            }
        }

        await _writer.WriteAsync(s => s.Insert(7, "seven"), Cancellation);
        Assert.Equal([1, 7], ReadNumbers());
    }

    [Fact]
    public async Task A_full_disk_fails_the_whole_batch_and_stores_none_of_it()
    {
        var pages = 16;
        _database.WriterOpened = connection => SqliteDatabase.Execute(connection, $"PRAGMA max_page_count={pages}");
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var small = _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        var large = _writer.WriteAsync(s => s.Insert(2, "two", new byte[200_000]), Cancellation);
        gate.Set();
        await held;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => small);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => large);
        Assert.Empty(ReadNumbers());
        pages = 100_000;
        await _writer.WriteAsync(s => s.Insert(2, "two", new byte[200_000]), Cancellation);
        Assert.Equal([2], ReadNumbers());
    }

    [Fact]
    public async Task A_statement_that_rolls_the_transaction_back_fails_the_writes_before_and_after_it()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var before = _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        var swallows = _writer.WriteAsync(
            s =>
            {
                Assert.Throws<SqliteException>(() => s.InsertOrRollback(1, "two"));
                return "fine";
            },
            Cancellation);
        var after = _writer.WriteAsync(s => s.Insert(3, "three"), Cancellation);
        gate.Set();
        await held;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => before);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => swallows);
        Assert.Equal(1, await after);
        Assert.Equal([3], ReadNumbers());
    }

    [Fact]
    public async Task A_commit_that_fails_is_no_success()
    {
        _database.WriterOpened = connection => SqliteDatabase.Execute(
            connection,
            "PRAGMA foreign_keys=ON; CREATE TEMP TABLE parents (id INTEGER PRIMARY KEY);"
            + "CREATE TEMP TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)");
        var write = _writer.WriteAsync(
            s =>
            {
                SqliteDatabase.Execute(s.Connection, "INSERT INTO children VALUES (42)");
                return s.Insert(1, "one");
            },
            Cancellation);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => write);
        Assert.Empty(ReadNumbers());
        Assert.Equal(1, await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation));
    }

    [Fact]
    public async Task A_read_only_database_is_unavailable_until_it_can_be_written_again()
    {
        var readOnly = true;
        _database.WriterOpened = connection => SqliteDatabase.Execute(connection, $"PRAGMA query_only={readOnly}");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation));
        readOnly = false;
        Assert.Equal(1, await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation));
    }

    [Fact]
    public async Task A_write_cancelled_before_it_was_taken_up_has_no_effect()
    {
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var held = Hold(gate);
        var cancelled = _writer.WriteAsync(s => s.Insert(1, "one"), cancellation.Token);
        var other = _writer.WriteAsync(s => s.Insert(2, "two"), Cancellation);
        await cancellation.CancelAsync();
        gate.Set();
        await held;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(1, await other);
        Assert.Equal([2], ReadNumbers());
    }

    [Fact]
    public async Task Closing_commits_what_waits_and_refuses_what_comes_after()
    {
        using var gate = new ManualResetEventSlim();
        var held = Hold(gate);
        var waiting = _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        var closing = _writer.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => { _ = _writer.WriteAsync(s => s.Insert(2, "two"), Cancellation); });
        gate.Set();
        await held;
        await closing;
        Assert.Equal(1, await waiting);
        Assert.Equal([1], ReadNumbers());
    }

    [Fact]
    public async Task A_schema_newer_than_the_code_is_refused_by_name()
    {
        await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        using (var other = _database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "PRAGMA user_version=7");
        }

        var error = Assert.Throws<SqliteSchemaException>(() => _database.OpenWriter());
        Assert.Contains("schema is 7, and this version supports 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_schema_is_brought_up_to_date_and_keeps_its_rows()
    {
        await _writer.WriteAsync(s => s.Insert(1, "one"), Cancellation);
        await _writer.DisposeAsync();
        var newer = new SqliteDatabase(_database.Path, ["not run again", "ALTER TABLE numbers ADD COLUMN color TEXT"]);
        await using var writer = new GroupCommit<Statements>(newer, connection => new Statements(connection), Unavailable);

        await writer.WriteAsync(
            s =>
            {
                SqliteDatabase.Execute(s.Connection, "UPDATE numbers SET color = 'red'");
                return s.Insert(2, "two");
            },
            Cancellation);
        Assert.Equal([1, 2], ReadNumbers());
    }

    // Keeps the writer busy, so that what comes meanwhile is one batch. Completes when the writer has gone on.
    private Task<int> Hold(ManualResetEventSlim gate)
    {
        var holding = new ManualResetEventSlim();
        var held = _writer.WriteAsync(
            _ =>
            {
                holding.Set();
                gate.Wait();
                return 0;
            },
            Cancellation);
        holding.Wait(Cancellation);
        return held;
    }

    private List<long> ReadNumbers()
    {
        using var connection = _database.OpenReader();
        using var statement = new SqliteStatement(connection, "SELECT number FROM numbers ORDER BY number");
        return statement.Select(row => row.Int64(0));
    }

    private sealed class Statements(SqliteConnection connection) : IDisposable
    {
        private readonly SqliteStatement _insert = new(connection, "INSERT INTO numbers (number, name, filler) VALUES (?, ?, ?)");
        private readonly SqliteStatement _insertOrRollback = new(connection, "INSERT OR ROLLBACK INTO numbers (number, name) VALUES (?, ?)");

        public SqliteConnection Connection => connection;

        public int Insert(long number, string name, byte[]? filler = null) =>
            _insert.Bind(1, number).Bind(2, name).BindBlob(3, filler).Run();

        public int InsertOrRollback(long number, string name) => _insertOrRollback.Bind(1, number).Bind(2, name).Run();

        public void Dispose()
        {
            _insert.Dispose();
            _insertOrRollback.Dispose();
        }
    }
}
