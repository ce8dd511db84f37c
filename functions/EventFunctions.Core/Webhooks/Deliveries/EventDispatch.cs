using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Records and queues, for each event of the topic, a delivery to each webhook that matches. Events may repeat, also on other instances:
/// existing deliveries stay unchanged.
/// </summary>
public sealed class EventDispatch(WebhookRegistry webhooks, DeliveryStore deliveries, IOptions<DeliveryOptions> options)
{
    /// <summary>Whether any webhook wants anything: who has to do work to make up a <see cref="DispatchedEvent"/> asks first.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async ValueTask<bool> IsWantedAsync(CancellationToken cancellationToken) =>
        (await webhooks.AllAsync(cancellationToken)).Any(webhook => webhook.Enabled);

    /// <summary>Dispatches events. When it completes, their deliveries are durable.</summary>
    /// <param name="events">The events.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not every delivery could be written down; the same call may succeed later.</exception>
    public async Task DispatchAsync(IReadOnlyCollection<DispatchedEvent> events, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(events);
        var all = await webhooks.AllAsync(cancellationToken);
        if (all.Count == 0)
        {
            return;
        }

        var wanted = from one in events from webhook in all where one.IsFor(webhook) select (Webhook: webhook, Event: one);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxConcurrentWrites, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(wanted, parallel, async (delivery, token) =>
            await deliveries.CreateAsync(delivery.Webhook, delivery.Event, job: null, token));
    }
}
