using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Creates the deliveries that a webhook missed because it was not registered, was disabled, or did not match then. Events that were
/// delivered once are not delivered again.
/// </summary>
internal sealed class MissedDeliveries(WebhookRegistry webhooks, IEventStore events, DeliveryStore deliveries, IOptions<EnrichmentOptions> enrichment)
{
    /// <summary>Creates the missed deliveries of one event.</summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="key">The event.</param>
    /// <param name="job">The job that wants it.</param>
    /// <param name="cancellationToken">Ends the wait; deliveries may be there all the same.</param>
    /// <returns>Whether this job, now or before, has made one.</returns>
    /// <exception cref="StoreUnavailableException">Not everything could be made.</exception>
    public async Task<bool> MakeAsync(string webhook, EventKey key, string job, CancellationToken cancellationToken)
    {
        if (await webhooks.FindEnabledAsync(webhook, cancellationToken) is not { Enabled: true } target
            || await events.ReadAsync(key, cancellationToken) is not { Erased: false } record)
        {
            return false;
        }

        var made = false;
        foreach (var one in await OfAsync(record, target.Events, cancellationToken))
        {
            made |= one.IsFor(target) && (await deliveries.CreateAsync(target, one, job, cancellationToken) || await IsOfAsync(target, one, job, cancellationToken));
        }

        return made;
    }

    // What was on the topic: filtered events never were, nor those that Event Grid will never take.
    private async Task<IReadOnlyList<DispatchedEvent>> OfAsync(EventRecord record, WebhookEvents wanted, CancellationToken cancellationToken)
    {
        List<DispatchedEvent> found = [];
        if ((wanted != WebhookEvents.Enriched || record.Producer == ReservedNames.OwnProducer) && record.Status != EventStatus.Filtered && record.Reason != FailureReason.Unpublishable)
        {
            found.Add(DispatchedEvent.Of(record));
        }

        if (wanted != WebhookEvents.Thin && record.Status == EventStatus.Completed
            && await events.ReadDataAsync(record, record.Run, cancellationToken) is { Erased: false } data)
        {
            found.Add(DispatchedEvent.Of(data, enrichment.Value.DataCall(data.Key, data.Run)));
        }

        return found;
    }

    private async Task<bool> IsOfAsync(Webhook webhook, DispatchedEvent one, string job, CancellationToken cancellationToken) =>
        await deliveries.ReadAsync(webhook.Name, Delivery.IdOf(webhook, one.Key, one.Run, one.IsEnriched, one.At), cancellationToken) is var (delivery, _) && delivery.Job == job;
}
