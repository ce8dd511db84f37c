using EventFunctions.CloudEvents;
using EventFunctions.Local.EventGrid;
using EventFunctions.Publication;
using EventFunctions.Storage;

namespace EventFunctions.Local.Hosting;

/// <summary>Erases events that wait in the local Event Grid, and dead letters in its folder.</summary>
/// <param name="grid">The local Event Grid.</param>
internal sealed class EventGridCopies(LocalEventGrid grid) : IErasableCopies
{
    public async Task EraseAsync(Func<EventKey, Task<bool>> isErased, CancellationToken cancellationToken)
    {
        try
        {
            await grid.EraseAsync(async published => EventEncoder.KeyOf(published) is { } key && await isErased(key), cancellationToken);
        }
        catch (EventGridUnavailableException e)
        {
            throw new StoreUnavailableException(e.Message, e);
        }
    }
}
