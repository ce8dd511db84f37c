using EventFunctions.Storage;
using EventFunctions.Storage.Queues;

namespace EventFunctions.Sqlite;

/// <summary>
/// Queues in a table of the event store's file, written by the same writer: messages that are sent, claimed or completed at
/// the same time share a transaction. What a process had claimed when it died is given back by the next one's first claim.
/// </summary>
/// <param name="file">The open file.</param>
/// <param name="time">Tells what is due.</param>
internal sealed class SqliteMessageQueue(SqliteEventStore file, TimeProvider time) : IMessageQueue, IMessageReceiver
{
    // A wait is cut into pieces, because clocks are set while one waits.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly QueueSignals _signals = new();
    private readonly Lock _lock = new();
    private Task<int>? _recovered;

    /// <inheritdoc/>
    public Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancellationToken)
    {
        var text = QueueRules.Check(queue, message, delay);
        return WriteAsync(writes => writes.Send(queue, text, delay), cancellationToken, queue);
    }

    /// <inheritdoc/>
    public Task CheckAsync(string queue, CancellationToken cancellationToken)
    {
        QueueRules.Check(queue);
        return file.CheckAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string queue, int limit, TimeSpan hidden, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, IMessageReceiver.MaxClaim);
        QueueRules.Check(queue);
        await Recovered().WaitAsync(cancellationToken);

        // A claim is a transaction: not for nothing.
        return UntilDue(queue, cancellationToken) <= TimeSpan.Zero
            ? await WriteAsync(writes => writes.Claim(queue, limit, hidden), cancellationToken)
            : [];
    }

    /// <inheritdoc/>
    public async Task<ClaimedMessage?> RenewAsync(ClaimedMessage message, TimeSpan hidden, CancellationToken cancellationToken) =>
        await WriteAsync(writes => writes.Renew(message, hidden), cancellationToken) ? message : null;

    /// <inheritdoc/>
    public Task<bool> ReturnAsync(ClaimedMessage message, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WriteAsync(writes => writes.Return(message, delay), cancellationToken, message.Queue);
    }

    /// <inheritdoc/>
    public Task<bool> CompleteAsync(ClaimedMessage message, CancellationToken cancellationToken) =>
        WriteAsync(writes => writes.Complete(message), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> SetAsideAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WriteAsync(writes => writes.SetAside(message), cancellationToken, message.Queue + IMessageReceiver.PoisonSuffix);
    }

    /// <inheritdoc/>
    public Task WaitAsync(string queue, CancellationToken cancellationToken) => UntilDue(queue, cancellationToken) switch
    {
        null => _signals.WaitAsync(queue, Timeout.InfiniteTimeSpan, cancellationToken),
        { Ticks: <= 0 } => Task.CompletedTask,
        { } due => _signals.WaitAsync(queue, due < LongestWait ? due : LongestWait, cancellationToken),
    };

    // The signal is also given for a write whose caller has stopped waiting.
    private Task<T> WriteAsync<T>(Func<MessageWrites, T> write, CancellationToken cancellationToken, string? wakes = null) =>
        file.Writer.WriteAsync(writes => write(writes.Messages), cancellationToken, wakes is null ? null : () => _signals.Give(wakes));

    // Null if the queue is empty.
    private TimeSpan? UntilDue(string queue, CancellationToken cancellationToken) =>
        file.Readers.Read(reads => reads.NextMessage(queue), cancellationToken) is { } next
            ? TimeSpan.FromMilliseconds(next - time.GetUtcNow().ToUnixTimeMilliseconds())
            : null;

    private Task<int> Recovered()
    {
        lock (_lock)
        {
            return _recovered is null or { IsFaulted: true } ? _recovered = RecoverAsync() : _recovered;
        }
    }

    // A start with nothing to give back writes nothing.
    private async Task<int> RecoverAsync() =>
        file.Readers.Read(reads => reads.HasClaims(), CancellationToken.None) ? await WriteAsync(writes => writes.Recover(), CancellationToken.None) : 0;
}
