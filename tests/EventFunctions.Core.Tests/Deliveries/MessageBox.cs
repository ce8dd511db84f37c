using EventFunctions.Storage;

namespace EventFunctions.Tests.Deliveries;

/// <summary>A queue by the test's clock. A message is there until whoever took it is done with it.</summary>
internal sealed class MessageBox(TimeProvider time) : IMessageQueue
{
    private readonly Lock _lock = new();
    private readonly List<Message> _messages = [];

    /// <summary>Whether nothing can be sent.</summary>
    public bool IsDown { get; set; }

    /// <summary>How many messages were sent.</summary>
    public int Sent { get; private set; }

    public int Count { get { lock (_lock) { return _messages.Count; } } }

    /// <summary>When the first message can be taken; null where there is none.</summary>
    public DateTimeOffset? Next { get { lock (_lock) { return _messages.Count == 0 ? null : _messages.Min(message => message.VisibleAt); } } }

    public Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancellationToken)
    {
        Assert.Equal("webhook-deliveries", queue);
        Assert.InRange(delay, TimeSpan.Zero, IMessageQueue.MaxDelay);
        lock (_lock)
        {
            if (IsDown)
            {
                throw new StoreUnavailableException("down");
            }

            Sent++;
            _messages.Add(new Message(message, time.GetUtcNow() + delay));
        }

        return Task.CompletedTask;
    }

    public Task CheckAsync(string queue, CancellationToken cancellationToken) =>
        IsDown ? Task.FromException(new StoreUnavailableException("down")) : Task.CompletedTask;

    /// <summary>Takes out what can be taken now.</summary>
    public IReadOnlyList<string> Take(int most = int.MaxValue)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            var taken = _messages.Where(message => message.VisibleAt <= now).Take(most).ToList();
            taken.ForEach(message => _messages.Remove(message));
            return taken.ConvertAll(message => message.Text);
        }
    }

    /// <summary>Loses everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _messages.Clear();
        }
    }

    private sealed record Message(string Text, DateTimeOffset VisibleAt);
}
