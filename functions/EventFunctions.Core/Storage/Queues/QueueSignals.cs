using System.Collections.Concurrent;

namespace EventFunctions.Storage.Queues;

/// <summary>
/// Wakes the receiver of a queue when this process sends a message. A signal without a waiting receiver is kept for the next one.
/// </summary>
public sealed class QueueSignals
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _signals = new(StringComparer.Ordinal);

    /// <summary>Gives the signal.</summary>
    /// <param name="queue">The queue's name.</param>
    public void Give(string queue)
    {
        var signal = Of(queue);
        lock (signal)
        {
            if (signal.CurrentCount == 0)
            {
                signal.Release();
            }
        }
    }

    /// <summary>Waits for the signal.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="atMost">How long; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was given.</returns>
    public Task<bool> WaitAsync(string queue, TimeSpan atMost, CancellationToken cancellationToken) => Of(queue).WaitAsync(atMost, cancellationToken);

    // A handful of queues, for as long as the process lives.
    private SemaphoreSlim Of(string queue) => _signals.GetOrAdd(queue, static _ => new SemaphoreSlim(0, 1));
}
