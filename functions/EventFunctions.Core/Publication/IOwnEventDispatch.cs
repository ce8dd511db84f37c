using EventFunctions.CloudEvents;
using EventFunctions.Storage;

namespace EventFunctions.Publication;

/// <summary>Dispatches the service's own events to webhooks that ask for them.</summary>
public interface IOwnEventDispatch
{
    /// <summary>Records an event if a webhook asks for it. The call may be repeated.</summary>
    /// <param name="own">The event.</param>
    /// <param name="cancellationToken">Cancels the recording.</param>
    /// <exception cref="StoreUnavailableException">The event may not be recorded.</exception>
    Task DispatchAsync(EventNotification own, CancellationToken cancellationToken);
}
