using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Telemetry.Health;

/// <summary>
/// Reports whether the store works: whether it can be read, by a check that callers share, and whether this instance's last event could be
/// written. Nothing is written to find out.
/// </summary>
public sealed class StoreHealth(IEventStore store, TimeProvider time, ILogger<StoreHealth> logger)
{
    /// <summary>How long a failed write that nothing followed says anything about now.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly SharedCheck _check = new(store.CheckAsync, "The store cannot be read.", time, logger);
    private long _failedAt;

    /// <summary>Records that events were written.</summary>
    public void Wrote()
    {
        if (Volatile.Read(ref _failedAt) != 0)
        {
            Volatile.Write(ref _failedAt, 0);
        }
    }

    /// <summary>Records that events could not be written.</summary>
    public void WriteFailed() => Volatile.Write(ref _failedAt, time.GetTimestamp());

    /// <summary>Whether the store works.</summary>
    /// <param name="cancellationToken">Ends this wait, not the check.</param>
    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref _failedAt) is not 0 and var at && time.GetElapsedTime(at) <= MaxAge ? Task.FromResult(false) : _check.RunAsync(cancellationToken);
}
