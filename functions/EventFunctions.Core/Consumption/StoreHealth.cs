using EventFunctions.Ports;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Consumption;

/// <summary>
/// Whether the store can be read and written. Everybody may ask, and the check writes: so callers share one check, and its
/// result holds for a second.
/// </summary>
public sealed class StoreHealth(IEventStore store, TimeProvider time, ILogger<StoreHealth> logger)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<bool>? _check;
    private long _startedAt;

    /// <summary>Whether the store works.</summary>
    /// <param name="cancellationToken">Ends this wait, not the check.</param>
    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_check is null || (_check.IsCompleted && time.GetElapsedTime(_startedAt) >= MaxAge))
            {
                _startedAt = time.GetTimestamp();
                _check = CheckAsync();
            }

            return _check.WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> CheckAsync()
    {
        try
        {
            using var budget = new CancellationTokenSource(Budget, time);
            await store.CheckAsync(budget.Token).WaitAsync(budget.Token);
            return true;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "The store cannot be read and written.");
            return false;
        }
    }
}
