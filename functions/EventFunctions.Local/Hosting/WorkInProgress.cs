namespace EventFunctions.Local.Hosting;

/// <summary>Counts what the functions are doing, for a host that is about to stop.</summary>
internal sealed class WorkInProgress
{
    private int _events;
    private int _deliveries;

    /// <summary>Counts an event of Event Grid until the result is disposed.</summary>
    public IDisposable BeginEvents(int count)
    {
        Interlocked.Add(ref _events, count);
        return new End(() => Interlocked.Add(ref _events, -count));
    }

    /// <summary>Counts a message of a queue until the result is disposed.</summary>
    public IDisposable BeginDelivery()
    {
        Interlocked.Increment(ref _deliveries);
        return new End(() => Interlocked.Decrement(ref _deliveries));
    }

    /// <summary>Returns the unfinished work, as in "3 events and 1 webhook delivery"; null if there is nothing.</summary>
    public string? Describe()
    {
        string[] parts = [.. Part(Volatile.Read(ref _events), "event", "events"), .. Part(Volatile.Read(ref _deliveries), "webhook delivery", "webhook deliveries")];
        return parts.Length == 0 ? null : string.Join(" and ", parts);
    }

    private static string[] Part(int count, string one, string several) => count switch
    {
        0 => [],
        1 => [$"1 {one}"],
        _ => [$"{count} {several}"],
    };

    private sealed class End(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
