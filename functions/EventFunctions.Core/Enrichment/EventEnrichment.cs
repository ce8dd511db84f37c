using EventFunctions.CloudEvents;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Enrichment;

/// <summary>
/// Brings a delivered event to completion: reads its record, dispatches it to webhooks, fetches the producer's full data and freezes it,
/// publishes the enriched event, dispatches that, completes the record. Each step may be repeated after a crash at any point, and by two
/// attempts at once: the create of the data item decides whose data it is, and the enriched event is made of that item alone. Webhooks
/// come before the fetch, so that a dead producer delays none; the answers of their endpoints are awaited last.
/// </summary>
public sealed class EventEnrichment(
    IEventStore store,
    IProducerRegistry producers,
    FullDataFetch fetch,
    CoalescingPublisher publisher,
    PartRunner parts,
    TimeProvider time,
    IOptions<EnrichmentOptions> options,
    IOptions<RelayOptions> relay,
    ILogger<EventEnrichment> logger,
    FailureNotices failures,
    EventMetrics metrics)
{
    // Event Grid never delivers again sooner.
    private static readonly TimeSpan FirstRedelivery = TimeSpan.FromSeconds(10);

    private readonly EnrichmentOptions _options = options.Value;

    /// <summary>Enriches a delivered event. Completing means that Event Grid need not deliver it again.</summary>
    /// <param name="delivered">The event.</param>
    /// <param name="cancellationToken">Ends the attempt; Event Grid delivers the event again.</param>
    /// <exception cref="EnrichmentIncompleteException">The attempt did not finish; the event has to be delivered again.</exception>
    public async Task EnrichAsync(DeliveredEvent delivered, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        // The service's own events: the subscription leaves them out, and so does this.
        if (delivered.Type.EndsWith(ReservedNames.EnrichedTypeSuffix, StringComparison.Ordinal)
            || delivered.Type.StartsWith(ReservedNames.OwnTypePrefix, StringComparison.Ordinal))
        {
            return;
        }

        using var span = EventTracing.Enrich(
            delivered.Key, delivered.Type, delivered.Subject, delivered.Run, delivered.TraceParent, delivered.TraceState, publisher.Topic);
        var started = time.GetTimestamp();
        var attempt = new EnrichmentAttempt(delivered, time.GetUtcNow(), span);
        try
        {
            using var budget = new CancellationTokenSource(_options.Budget, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
            var result = await BringThroughAsync(attempt, either.Token);
            metrics.Enriched(time.GetElapsedTime(started), result);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            await EndAsync(attempt, e, started);
        }
        finally
        {
            // Once the function has returned, the platform may freeze the instance.
            await Task.WhenAll(attempt.Sends);
        }
    }

    private async Task<string> BringThroughAsync(EnrichmentAttempt attempt, CancellationToken cancellationToken)
    {
        if (!await IsWantedAsync(attempt, cancellationToken))
        {
            return EnrichmentResult.Unwanted;
        }

        await parts.DispatchThinAsync(attempt, cancellationToken);

        // On the way without trouble nothing is read here: only an earlier delivery can have left data behind, and
        // where one did all the same, the create in FullDataFetch comes second and finds it.
        if (attempt is { MayHaveData: true, OwnData: null })
        {
            attempt.Data = await store.ReadDataAsync(attempt.Key, attempt.Run, cancellationToken) is { } found && attempt.Owns(found)
                ? found
                : null;
        }

        var producer = await producers.FindOwnerAsync(attempt.Record?.Producer, attempt.Delivered.Source, cancellationToken);
        attempt.Producer = producer;
        var notEnrichedBy = attempt.Data is null ? NotEnrichedBy(producer, attempt) : null;
        if (notEnrichedBy is null)
        {
            attempt.Data ??= await fetch.FetchAsync(producer, attempt, cancellationToken);
            if (attempt.Data.Erased)
            {
                throw Erased();
            }

            await PublishAsync(attempt.Data, cancellationToken);
            await parts.DispatchEnrichedAsync(attempt, attempt.Data, cancellationToken);
        }

        var timeToLive = _options.Retention.RecordTimeToLiveOf(producer);
        await parts.LinkAsync(attempt, notEnrichedBy is null ? attempt.Run : null, timeToLive, cancellationToken);
        var detail = notEnrichedBy is null ? null : $"Not enriched: rejected by {notEnrichedBy}.";
        var completed = attempt.EntriesUpTo(attempt.Entry(time.GetUtcNow(), TimelineStep.Completed, detail));
        var patch = RecordPatch.Completed(attempt.Run, completed, timeToLive, notEnrichedBy)
            .Leaving(attempt.Pending, time.GetUtcNow() + relay.Value.RetryAfter);
        switch (await store.PatchAsync(attempt.Key, patch, cancellationToken))
        {
            case PatchOutcome.NotFound:
                WarnOfNoRecord(attempt.Key);
                break;
            case PatchOutcome.Applied when attempt is { Run: 0, Record: { } record }:
                metrics.Completed(time.GetUtcNow() - record.RecordedAt);
                break;
            default:
                break;
        }

        return notEnrichedBy is null ? EnrichmentResult.Completed : EnrichmentResult.NotEnriched;
    }

    private async Task PublishAsync(FullData data, CancellationToken cancellationToken)
    {
        var encoded = EventEncoder.EncodeEnriched(data, _options.DataCall(data.Key, data.Run));
        using var span = EventTracing.Publish(
            data.Key with { Id = EventEncoder.EnrichedId(data.Key.Id, data.Run) }, data.Type + ReservedNames.EnrichedTypeSuffix, data.Subject, publisher.Topic);
        try
        {
            await publisher.PublishAsync(encoded, cancellationToken);
        }
        catch (Exception e)
        {
            EventTracing.Fail(span, e.GetType().Name);
            throw;
        }
    }

    // The read is only a saving: it may be stale or miss, since another instance has no session token.
    private async Task<bool> IsWantedAsync(EnrichmentAttempt attempt, CancellationToken cancellationToken)
    {
        var record = await store.ReadAsync(attempt.Key, cancellationToken);
        if (record is null || record.Run < attempt.Run)
        {
            attempt.MayHaveData = true;
            switch (await store.PatchAsync(attempt.Key, RecordPatch.Delivered(attempt.Run, attempt.DeliveredEntry), cancellationToken))
            {
                case PatchOutcome.Applied:
                    attempt.IsDeliveryRecorded = true;

                    // What the patch has proved to be there, this instance should be able to read now.
                    attempt.Record = await store.ReadAsync(attempt.Key, cancellationToken);
                    return true;
                case PatchOutcome.NotFound:
                    WarnOfNoRecord(attempt.Key);
                    return false;
                default:
                    return false;
            }
        }

        attempt.Record = record;
        if (record.Erased && record.Run == attempt.Run && (record.Status & EventStatus.Open) != 0)
        {
            throw Erased();
        }

        attempt.Number = record.Attempts + 1;
        attempt.MayHaveData = record.Attempts > 0 || attempt.DeliveredAt - record.RecordedAt >= FirstRedelivery;
        return record.Run == attempt.Run && (record.Status & EventStatus.Open) != 0;
    }

    private static FetchException Erased() =>
        new(FailureReason.Erased, permanent: true, "The event's content was erased and is not fetched again.");

    // Rules speak of the event as it was sent, which a delivery does not hold.
    private static string? NotEnrichedBy(Producer? producer, EnrichmentAttempt attempt)
    {
        if (attempt.Record is { Deletion: true })
        {
            return PreparedEvent.DeletionRule;
        }

        if (producer is null || !producer.Types.TryGetValue(attempt.Delivered.Type, out var type) || type.Enrich.Filters.IsEmpty)
        {
            return null;
        }

        return EventPreparation.NotEnrichedBy(type, attempt.ReadRecord.Event);
    }

    private async Task EndAsync(EnrichmentAttempt attempt, Exception error, long started)
    {
        using var budget = new CancellationTokenSource(_options.NoteBudget, time);
        var (reason, permanent, detail) = Explain(error);
        EventTracing.Fail(attempt.Span, reason);
        metrics.Enriched(time.GetElapsedTime(started), permanent ? EnrichmentResult.Failed : EnrichmentResult.Incomplete, reason);
        if (permanent)
        {
            await parts.LinkAsync(attempt, null, _options.Retention.RecordTimeToLiveOf(attempt.Producer), budget.Token);
        }

        var patch = permanent
            ? RecordPatch.Failed(attempt.Run, reason, attempt.EntriesUpTo(attempt.Entry(time.GetUtcNow(), TimelineStep.Failed, detail)))
                .Leaving(attempt.Pending, time.GetUtcNow() + relay.Value.RetryAfter)
            : RecordPatch.AttemptRecorded(
                attempt.Run,
                attempt.Entry(time.GetUtcNow(), TimelineStep.AttemptFailed, detail),
                relay.Value.AfterDelivery(time.GetUtcNow()));
        PatchOutcome outcome;
        try
        {
            outcome = await store.PatchAsync(attempt.Key, patch, budget.Token);
        }
        catch (Exception e)
        {
            throw new EnrichmentIncompleteException($"{detail} Could not record the failure: {e.Message}", error);
        }

        if (outcome == PatchOutcome.NotFound)
        {
            WarnOfNoRecord(attempt.Key);
        }
        else if (outcome == PatchOutcome.Applied && permanent)
        {
            metrics.Failed(reason);
            failures.FailedForGood(attempt.Key, reason, detail);
        }
        else if (outcome == PatchOutcome.Applied)
        {
            failures.AttemptFailed(attempt.Key, reason, detail);
            throw new EnrichmentIncompleteException(detail, error);
        }

        // Not applied: the run is over, whoever ended it, and another delivery has nothing to do.
    }

    private (string Reason, bool Permanent, string Detail) Explain(Exception error) => error switch
    {
        FetchException e => (e.Reason, e.Permanent, e.Message),
        PublishException { Failure: PublishFailure.Rejected } e => (FailureReason.Unpublishable, true, e.Message),
        PublishException or StoreUnavailableException => (error.GetType().Name, false, error.Message),
        OperationCanceledException => (FailureReason.Timeout, false, $"The attempt took longer than {_options.Budget}."),

        // Anything may stand in the message of an error that nobody foresaw.
        _ => (error.GetType().Name, false, $"The attempt failed: {error.GetType().Name}."),
    };

    private void WarnOfNoRecord(EventKey key) =>
        logger.LogWarning("Ignoring event {Id} of {Source}: it has no record. It expired, or another service published it.", key.Id, key.Source);
}
