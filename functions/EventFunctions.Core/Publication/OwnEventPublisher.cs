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
    public Task PublishAsync(EventNotification own, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(own);
        return Task.WhenAll(publisher.PublishAsync(EventEncoder.Encode(own, run: 0), cancellationToken), dispatch.DispatchAsync(own, cancellationToken));
    }
}
