using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Storage;

namespace EventFunctions.Local.EventGrid;

/// <summary>Erases events from a local Event Grid: those that wait for a subscriber, and dead letters in its folder.</summary>
/// <param name="store">The accepted events.</param>
/// <param name="dispatchers">The subscriptions.</param>
/// <param name="deadLetters">The folder of dead letters; null if they are written elsewhere.</param>
internal sealed class EventErasure(DeliveryStore store, DispatcherSet dispatchers, DeadLetterFolder? deadLetters) : IErasableCopies
{
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 256 };

    public async Task EraseAsync(Func<EventKey, Task<bool>> isErased, CancellationToken cancellationToken)
    {
        await store.SettledAsync();
        var erased = await store.EraseAsync(async body =>
        {
            using var json = JsonDocument.Parse(body, Json);
            return await IsErasedAsync(json.RootElement);
        });
        foreach (var dispatcher in dispatchers.All)
        {
            dispatcher.Drop(erased);

            // A blob that is written now may have letters that were read before.
            await dispatcher.DeadLetters.WrittenAsync(cancellationToken);
        }

        if (deadLetters is not null)
        {
            await deadLetters.RemoveAsync(IsErasedAsync, cancellationToken);
        }

        await store.CleanAsync(cancellationToken);

        async Task<bool> IsErasedAsync(JsonElement published) => EventEncoder.KeyOf(published) is { } key && await isErased(key);
    }
}
