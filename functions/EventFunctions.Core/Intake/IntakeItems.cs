using EventFunctions.Producers;
using EventFunctions.Schemas;

namespace EventFunctions.Intake;

/// <summary>Finds the producers of a request's events.</summary>
internal static class IntakeItems
{
    /// <summary>Returns the events with their producers. Every rule decides on this one response of the registry: a producer may change between two.</summary>
    /// <param name="producers">The registry.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Storage.StoreUnavailableException">The registry does not know yet.</exception>
    public static async Task<List<IntakeItem>> FindAsync(IProducerRegistry producers, IntakeRequest request, CancellationToken cancellationToken)
    {
        // Where each event stands alone, so does its check: the service itself chooses how many it takes in together.
        var budget = request.Mode == IntakeMode.EachAlone ? null : new SchemaBudget();
        var holder = request.Caller?.KeyOf;
        var items = new List<IntakeItem>(request.Events.Count);
        foreach (var notification in request.Events)
        {
            var item = new IntakeItem(items.Count, notification) { Budget = budget, Remark = items.Count < request.Remarks.Count ? request.Remarks[items.Count] : null };
            items.Add(item);
            if (holder is null || holder.Owns(notification.Source))
            {
                item.Producer = await producers.FindBySourceAsync(notification.Source, cancellationToken);
                item.RequiresKey = request.Channel is IntakeChannel.Post or IntakeChannel.EventGrid && item.Producer is { } found && found.Name != holder?.Name
                    && await producers.RequiresKeyAsync(found.Name, cancellationToken);
            }
        }

        return items;
    }
}
