using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Erases from the delivery log what endpoints answered to an event, which may repeat it.</summary>
internal sealed class DeliveryErasure(IDocumentStore documents, DeliveryStore deliveries)
{
    private const int PageSize = 100;

    /// <summary>Erases the answers to one event, and keeps those out that are still to come. It may be repeated.</summary>
    /// <param name="key">The event, whose record says already that it is erased.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="StoreUnavailableException">Not all are erased.</exception>
    public async Task EraseAsync(EventKey key, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.Deliveries)
        {
            Equal = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("eventId", key.Id),
            OrderBy = "createdAt",
            Limit = PageSize,
        };
        await foreach (var found in documents.QueryAllAsync(query, cancellationToken))
        {
            if (deliveries.TryRead(found) is { Erased: false } delivery && delivery.Source == key.Source)
            {
                await deliveries.ChangeAsync(delivery, found.ETag, current => current.Erased ? null : current.WithoutAnswers(), cancellationToken);
            }
        }
    }
}
