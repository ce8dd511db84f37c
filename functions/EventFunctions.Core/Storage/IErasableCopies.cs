using EventFunctions.CloudEvents;

namespace EventFunctions.Storage;

/// <summary>A place beside the store's records that keeps copies of events, and can erase them.</summary>
public interface IErasableCopies
{
    /// <summary>Erases all copies of erased events, and overwrites the space of earlier erasures. Can be repeated.</summary>
    /// <param name="isErased">Returns whether the content of an event was erased.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreUnavailableException">Something may be left.</exception>
    Task EraseAsync(Func<EventKey, Task<bool>> isErased, CancellationToken cancellationToken);
}
