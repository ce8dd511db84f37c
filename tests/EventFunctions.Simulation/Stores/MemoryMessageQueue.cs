using System.Globalization;
using EventFunctions.Storage;
using EventFunctions.Storage.Queues;

namespace EventFunctions.Simulation.Stores;

/// <summary>The simulated queues: the rules of <see cref="IMessageQueue"/> and <see cref="IMessageReceiver"/> in memory, without faults.</summary>
internal sealed class MemoryMessageQueue(TimeProvider time) : IMessageQueue, IMessageReceiver
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Message>> _queues = new(StringComparer.Ordinal);
    private readonly QueueSignals _signals = new();
    private long _number;

    /// <summary>How many messages a queue has, hidden ones included.</summary>
    public int CountOf(string queue) => Of(queue).Count;

    /// <summary>When the next message of a queue can be claimed; null if the queue is empty.</summary>
    public DateTimeOffset? NextOf(string queue) => Of(queue) is { Count: > 0 } messages ? messages.Min(message => message.VisibleAt) : null;

    public Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancellationToken)
    {
        QueueRules.Check(queue, message, delay);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            Of(queue).Add(new Message(++_number, message) { VisibleAt = time.GetUtcNow() + delay });
        }

        _signals.Give(queue);
        return Task.CompletedTask;
    }

    public Task CheckAsync(string queue, CancellationToken cancellationToken)
    {
        QueueRules.Check(queue);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string queue, int limit, TimeSpan hidden, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return Task.FromResult<IReadOnlyList<ClaimedMessage>>([.. Of(queue).Where(message => message.VisibleAt <= now).Take(limit).ToList().Select(message =>
            {
                message.Dequeued++;
                return Hide(queue, message, hidden);
            })]);
        }
    }

    public Task<ClaimedMessage?> RenewAsync(ClaimedMessage message, TimeSpan hidden, CancellationToken cancellationToken) =>
        Task.FromResult(Change(message, held => Hide(message.Queue, held, hidden)));

    public Task<bool> ReturnAsync(ClaimedMessage message, TimeSpan delay, CancellationToken cancellationToken)
    {
        var returned = Change(message, held => Hide(message.Queue, held, delay)) is not null;
        _signals.Give(message.Queue);
        return Task.FromResult(returned);
    }

    public Task<bool> CompleteAsync(ClaimedMessage message, CancellationToken cancellationToken) =>
        Task.FromResult(Change(message, held => Of(message.Queue).Remove(held) ? message : null) is not null);

    public async Task<bool> SetAsideAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        if (!await CompleteAsync(message, cancellationToken))
        {
            return false;
        }

        await SendAsync(message.Queue + IMessageReceiver.PoisonSuffix, message.Text, TimeSpan.Zero, cancellationToken);
        return true;
    }

    public Task WaitAsync(string queue, CancellationToken cancellationToken)
    {
        var due = NextOf(queue) - time.GetUtcNow();
        return due <= TimeSpan.Zero ? Task.CompletedTask : _signals.WaitAsync(queue, due ?? Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private ClaimedMessage Hide(string queue, Message message, TimeSpan hidden)
    {
        (message.VisibleAt, message.Receipt) = (time.GetUtcNow() + hidden, ++_number);
        return new ClaimedMessage(
            queue, message.Id.ToString(CultureInfo.InvariantCulture), message.Receipt.ToString(CultureInfo.InvariantCulture), message.Text, message.Dequeued);
    }

    private ClaimedMessage? Change(ClaimedMessage claimed, Func<Message, ClaimedMessage?> change)
    {
        lock (_lock)
        {
            var receipt = long.Parse(claimed.Receipt, CultureInfo.InvariantCulture);
            return Of(claimed.Queue).Find(message => message.Receipt == receipt) is { } held ? change(held) : null;
        }
    }

    private List<Message> Of(string queue)
    {
        lock (_lock)
        {
            return _queues.TryGetValue(queue, out var messages) ? messages : _queues[queue] = [];
        }
    }

    private sealed class Message(long id, string text)
    {
        public long Id => id;

        public string Text => text;

        public DateTimeOffset VisibleAt { get; set; }

        public long Receipt { get; set; }

        public long Dequeued { get; set; }
    }
}
