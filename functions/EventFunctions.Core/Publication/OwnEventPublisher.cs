using EventFunctions.CloudEvents;
using EventFunctions.Storage;

namespace EventFunctions.Publication;

/// <summary>Publishes the service's own events on the topic, and dispatches them to webhooks.</summary>
/// <param name="publisher">Publishes.</param>
/// <param name="dispatch">Dispatches.</param>
public sealed class OwnEventPublisher(CoalescingPublisher publisher, IOwnEventDispatch dispatch)
{
    /// <summary>Publishes and dispatches an event. One of the two is done even if the other fails.</summary>
    /// <param name="own">The event.</param>
    /// <param name="cancellationToken">Cancels both.</param>
    /// <exception cref="PublishException">The topic did not take the event.</exception>
    /// <exception cref="StoreUnavailableException">The event may not be recorded.</exception>
    public async Task PublishAsync(EventNotification own, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(own);
        var dispatching = dispatch.DispatchAsync(own, cancellationToken);
        try
        {
            await publisher.PublishAsync(EventEncoder.Encode(own, run: 0), cancellationToken);
        }
        finally
        {
            // Not WhenAll: it would go on beside the caller's task scheduler.
            await dispatching;
        }
    }
}
