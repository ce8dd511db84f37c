using EventFunctions.Storage;
using EventFunctions.Telemetry.Health;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Whether the queue can be used that deliveries to webhooks wait in, which a check asks, at most every ten seconds.</summary>
public sealed class QueueHealth(IMessageQueue queue, TimeProvider time, ILogger<QueueHealth> logger)
{
    private readonly SharedCheck _check = new(token => queue.CheckAsync(DeliveryMessage.Queue, token), "The delivery queue cannot be used.", time, logger);

    /// <summary>Whether the queue works.</summary>
    /// <param name="cancellationToken">Ends this wait, not the check.</param>
    public Task<bool> IsHealthyAsync(CancellationToken cancellationToken) => _check.RunAsync(cancellationToken);
}
