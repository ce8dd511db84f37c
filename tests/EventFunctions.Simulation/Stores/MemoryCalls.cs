using EventFunctions.Storage;

namespace EventFunctions.Simulation.Stores;

/// <summary>Answers the calls of a store in memory: at once, one after the other, with the errors of its contract in the task.</summary>
internal sealed class MemoryCalls
{
    private readonly Lock _lock = new();

    /// <summary>Answers a call.</summary>
    public Task<T> DoAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        try
        {
            lock (_lock)
            {
                return Task.FromResult(work());
            }
        }
        catch (Exception e) when (e is ArgumentException or InvalidContinuationException)
        {
            return Task.FromException<T>(e);
        }
    }
}
