using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Queues;

public sealed class SqliteMessageQueueTests : MessageQueueConformance, IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private SqliteEventStore _file;

    public SqliteMessageQueueTests() => _file = OpenFile();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_process_had_claimed_when_it_died_comes_with_the_next_start_and_what_was_delayed_does_not()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        await queue.SendAsync("orders", "later", Hour, Stop);
        await queue.SendAsync("orders", "returned", TimeSpan.Zero, Stop);
        await queue.ReturnAsync(Assert.Single(await queue.ClaimAsync("orders", 1, Hour, Stop)), Hour, Stop);
        await queue.SendAsync("orders", "claimed", TimeSpan.Zero, Stop);
        var lost = Assert.Single(await queue.ClaimAsync("orders", 1, Hour, Stop));
        await _file.DisposeAsync();
        _file = OpenFile();
        var next = new SqliteMessageQueue(_file, TimeProvider.System);

        var again = Assert.Single(await next.ClaimAsync("orders", 32, Hour, Stop));

        Assert.Equal(("claimed", 2), (again.Text, again.DequeueCount));
        Assert.False(await next.CompleteAsync(lost, Stop));
    }

    [Fact]
    public async Task Messages_that_are_sent_or_completed_together_share_transactions()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        await queue.SendAsync("orders", "first", TimeSpan.Zero, Stop);
        var before = _file.Transactions;
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => queue.SendAsync("orders", $"{i}", TimeSpan.Zero, Stop)));

        Assert.InRange(_file.Transactions - before, 1, 100);
    }

    [Fact]
    public async Task Looking_for_messages_that_are_not_there_or_not_due_writes_nothing()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        await queue.SendAsync("orders", "later", Hour, Stop);
        await queue.ClaimAsync("orders", 32, Hour, Stop);
        var before = _file.Transactions;
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty(await queue.ClaimAsync("orders", 32, Hour, Stop));
            Assert.Empty(await queue.ClaimAsync("others", 32, Hour, Stop));
        }

        Assert.Equal(before, _file.Transactions);
    }

    [Fact]
    public async Task A_send_wakes_the_receiver_even_if_its_caller_has_stopped_waiting()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        using var released = new ManualResetEventSlim();
        using var caller = new CancellationTokenSource();
        var waiting = queue.WaitAsync("orders", Stop);

        // The send and the write that cancels its caller share the transaction after this one.
        var busy = _file.Writer.WriteAsync(_ => released.Wait(TimeSpan.FromSeconds(30)), Stop);
        var sending = queue.SendAsync("orders", "1", TimeSpan.Zero, caller.Token);
        var leaving = _file.Writer.WriteAsync(
            _ =>
            {
                caller.Cancel();
                return true;
            },
            Stop);
        released.Set();
        await Task.WhenAll(busy, leaving);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        Assert.Single(await queue.ClaimAsync("orders", 1, Hour, Stop));
    }

    [Fact]
    public async Task A_claim_of_a_message_that_is_gone_fits_no_later_one()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        await queue.SendAsync("orders", "1", TimeSpan.Zero, Stop);
        var first = Assert.Single(await queue.ClaimAsync("orders", 1, Hour, Stop));
        await queue.CompleteAsync(first, Stop);
        await queue.SendAsync("orders", "2", TimeSpan.Zero, Stop);
        Assert.Single(await queue.ClaimAsync("orders", 1, Hour, Stop));

        Assert.False(await queue.CompleteAsync(first, Stop));
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<(IMessageQueue Queue, IMessageReceiver Receiver)> OpenAsync()
    {
        var queue = new SqliteMessageQueue(_file, TimeProvider.System);
        return Task.FromResult<(IMessageQueue, IMessageReceiver)>((queue, queue));
    }

    private SqliteEventStore OpenFile() => new(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), TimeProvider.System, TimeSpan.FromMinutes(1), NullLogger.Instance);
}
