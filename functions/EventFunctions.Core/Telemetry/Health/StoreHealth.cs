using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Telemetry.Health;

/// <summary>Whether the store can be read and written, which a check does, at most once a second.</summary>
public sealed class StoreHealth(IEventStore store, TimeProvider time, ILogger<StoreHealth> logger)
{
    private readonly SharedCheck _check = new(store.CheckAsync, "The store cannot be read and written.", time, logger);

    /// <summary>Whether the store works.</summary>
    /// <param name="cancellationToken">Ends this wait, not the check.</param>
    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => _check.RunAsync(cancellationToken);
}
