using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Records an event of the service's own that a webhook asks for by its type. The record is completed and has the dispatch as its pending
/// part, so the relay creates the deliveries with its next tick.
/// </summary>
public sealed class OwnEventDispatch(
    WebhookRegistry webhooks, IEventStore store, TimeProvider time, IOptions<EnrichmentOptions> options) : IOwnEventDispatch
{
    /// <inheritdoc/>
    public async Task DispatchAsync(EventNotification own, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(own);
        var all = await webhooks.AllAsync(cancellationToken);
        if (!all.Any(webhook => webhook.Enabled))
        {
            return;
        }

        var now = time.GetUtcNow();
        var record = new EventRecord
        {
            Event = own,
            Producer = ReservedNames.OwnProducer,
            Fingerprint = Fingerprint.Of(own),
            RecordedAt = now,
            Status = EventStatus.Completed,
            Pending = EventParts.Thin,
            RelayAt = now,
            TimeToLive = options.Value.Retention.RecordTimeToLiveOf(null),
            Timeline = [new TimelineEntry(now, TimelineStep.Recorded), new TimelineEntry(now, TimelineStep.Completed)],
        };
        var one = DispatchedEvent.Of(record);
        if (all.Any(one.IsFor))
        {
            // False if another instance was first.
            await store.CreateAsync([record], cancellationToken);
        }
    }
}
