namespace EventFunctions.Local.SampleProducer;

/// <summary>The events that the sample producer offers in its feed, oldest first, for as long as the process lives.</summary>
/// <param name="time">The clock of those who wait.</param>
internal sealed class PolicyFeed(TimeProvider time)
{
    /// <summary>The most events of a page.</summary>
    public const int PageSize = 100;

    // A producer that runs for weeks must not eat the machine.
    private const int MaxEvents = 100_000;

    private readonly Lock _lock = new();
    private readonly List<ReadOnlyMemory<byte>> _events = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private TaskCompletionSource _more = NewSignal();

    /// <summary>Puts events at the feed's end, all or none.</summary>
    /// <param name="events">Each event's ID and its JSON.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public string? Append(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Json)> events)
    {
        lock (_lock)
        {
            if (_events.Count + events.Count > MaxEvents)
            {
                return $"The feed can hold at most {MaxEvents} events.";
            }

            if (events.Select(e => e.Id).CountBy(id => id).Any(c => c.Value > 1 || _places.ContainsKey(c.Key)))
            {
                return "Every event of a feed needs its own ID.";
            }

            foreach (var (id, json) in events)
            {
                _places[id] = _events.Count;
                _events.Add(json);
            }

            _more.SetResult();
            _more = NewSignal();
            return null;
        }
    }

    /// <summary>Reads a page, and waits for events if it would be empty.</summary>
    /// <param name="lastEventId">The event behind which the page begins. One that the feed does not know, as it was told before this start, begins it anew.</param>
    /// <param name="wait">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The events' JSON, and how many the feed had when it was read.</returns>
    public async Task<(IReadOnlyList<ReadOnlyMemory<byte>> Events, int Total)> ReadAsync(string? lastEventId, TimeSpan wait, CancellationToken cancellationToken)
    {
        var (page, total, more) = Read(lastEventId);
        if (page.Count > 0 || wait == TimeSpan.Zero)
        {
            return (page, total);
        }

        try
        {
            await more.WaitAsync(wait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return (page, total);
        }

        (page, total, _) = Read(lastEventId);
        return (page, total);
    }

    private (IReadOnlyList<ReadOnlyMemory<byte>> Page, int Total, Task More) Read(string? lastEventId)
    {
        lock (_lock)
        {
            var from = lastEventId is not null && _places.TryGetValue(lastEventId, out var place) ? place + 1 : 0;
            return (_events.GetRange(from, Math.Min(PageSize, _events.Count - from)), _events.Count, _more.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
