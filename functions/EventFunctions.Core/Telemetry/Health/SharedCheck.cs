using Microsoft.Extensions.Logging;

namespace EventFunctions.Telemetry.Health;

/// <summary>
/// Checks whether a dependency works. Callers share one check, and its result is valid for ten seconds, because anonymous callers may ask
/// as often as they like.
/// </summary>
/// <param name="check">Throws where it does not work.</param>
/// <param name="failing">What is logged then.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what is wrong.</param>
internal sealed class SharedCheck(Func<CancellationToken, Task> check, string failing, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<bool>? _check;
    private long _startedAt;

    /// <summary>Whether it works.</summary>
    /// <param name="cancellationToken">Ends this wait, not the check.</param>
    public Task<bool> RunAsync(CancellationToken cancellationToken)
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
            await check(budget.Token).WaitAsync(budget.Token);
            return true;
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "{Failing}", failing);
            return false;
        }
    }
}
