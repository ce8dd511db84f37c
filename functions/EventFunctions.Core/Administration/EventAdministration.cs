using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Options;

namespace EventFunctions.Administration;

/// <summary>What an administrator does to one event.</summary>
public sealed class EventAdministration(
    IEventStore store, IProducerRegistry producers, RepublishRate rate, TimeProvider time, IOptions<EnrichmentOptions> options)
{
    /// <summary>Begins a new run, which the relay publishes with its next tick.</summary>
    /// <param name="key">The event.</param>
    /// <param name="who">Who wants it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    /// <exception cref="RepublishRateException">This instance already republishes as much as it may.</exception>
    public async Task<EventChange> ReplayAsync(EventKey key, string who, CancellationToken cancellationToken)
    {
        if (key.Source == ReservedNames.OwnSource)
        {
            // It has no producer that could be asked again. Its deliveries can be sent again.
            return await store.ReadAsync(key, cancellationToken) is { } own ? new EventChange(PatchOutcome.NotApplied, own) : new EventChange(PatchOutcome.NotFound, null);
        }

        await rate.WaitAsync(cancellationToken);
        return await ChangeAsync(
            key,
            run =>
            {
                using var span = EventTracing.Replay(key, run + 1, out var traceParent);
                var now = time.GetUtcNow();
                return RecordPatch.Replayed(run, new TimelineEntry(now, TimelineStep.Replayed, run + 1) { Detail = who }.Under(traceParent), now);
            },
            cancellationToken);
    }

    /// <summary>Dismisses a failure.</summary>
    /// <param name="key">The event.</param>
    /// <param name="who">Who wants it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public async Task<EventChange> DismissAsync(EventKey key, string who, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(key, cancellationToken) is not { } record)
        {
            return new EventChange(PatchOutcome.NotFound, null);
        }

        var owner = await producers.FindOwnerAsync(record.Producer, key.Source, cancellationToken);
        var entry = new TimelineEntry(time.GetUtcNow(), TimelineStep.Dismissed, record.Run) { Detail = who };
        return await ChangeAsync(record, RecordPatch.Dismissed(record.Run, entry, options.Value.Retention.RecordTimeToLiveOf(owner)), cancellationToken);
    }

    /// <summary>Brings a dismissed failure back.</summary>
    /// <param name="key">The event.</param>
    /// <param name="who">Who wants it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    public Task<EventChange> RestoreAsync(EventKey key, string who, CancellationToken cancellationToken) => ChangeAsync(
        key, run => RecordPatch.Restored(run, new TimelineEntry(time.GetUtcNow(), TimelineStep.Restored, run) { Detail = who }), cancellationToken);

    private async Task<EventChange> ChangeAsync(EventKey key, Func<int, RecordPatch> patchOf, CancellationToken cancellationToken)
    {
        return await store.ReadAsync(key, cancellationToken) is { } record
            ? await ChangeAsync(record, patchOf(record.Run), cancellationToken)
            : new EventChange(PatchOutcome.NotFound, null);
    }

    private async Task<EventChange> ChangeAsync(EventRecord record, RecordPatch patch, CancellationToken cancellationToken)
    {
        var outcome = await store.PatchAsync(record.Key, patch, cancellationToken);
        return new EventChange(outcome, patch.TryApply(record, out var changed) && outcome == PatchOutcome.Applied ? changed : await store.ReadAsync(record.Key, cancellationToken));
    }
}

/// <summary>The outcome of an administrator's change.</summary>
/// <param name="Outcome">Whether it was made.</param>
/// <param name="Record">The record as it stands; null where there is none.</param>
public sealed record EventChange(PatchOutcome Outcome, EventRecord? Record);
