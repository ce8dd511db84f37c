using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Enrichment;

/// <summary>
/// Runs the parts of an event's way beside its enrichment: each has a budget of its own, and one that fails is left to the relay instead of
/// holding up the event.
/// </summary>
public sealed class PartRunner(
    IEventStore store, EntityLinks links, IEventDispatch dispatch, RetentionPolicy retention, TimeProvider time, ILogger<PartRunner> logger) : IPendingParts
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    // Later in an attempt the queue sends: an endpoint may take ten seconds, and Event Grid waits thirty.
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(12);

    /// <inheritdoc/>
    public async Task RunAsync(EventRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var isEnriched = record is { Status: EventStatus.Completed, Reason: null };
        if (record.Pending.HasFlag(EventParts.Entity))
        {
            await links.WriteAsync(record, isEnriched ? record.Run : null, record.TimeToLive ?? retention.RecordTimeToLiveOf(null), cancellationToken);
        }

        if (record.Erased)
        {
            return;
        }

        if (record.Pending.HasFlag(EventParts.Thin))
        {
            await dispatch.DispatchAsync(record, attempts: null, cancellationToken);
        }

        if (record.Pending.HasFlag(EventParts.Enriched) && await store.ReadDataAsync(record, record.Run, cancellationToken) is { Erased: false } data)
        {
            await dispatch.DispatchAsync(data, attempts: null, cancellationToken);
        }
    }

    internal Task DispatchThinAsync(EnrichmentAttempt attempt, CancellationToken cancellationToken) =>
        RunAsync(EventParts.Thin, attempt, token => dispatch.DispatchAsync(attempt.ReadRecord, SendsOf(attempt), token), cancellationToken);

    internal Task DispatchEnrichedAsync(EnrichmentAttempt attempt, FullData data, CancellationToken cancellationToken) =>
        RunAsync(EventParts.Enriched, attempt, token => dispatch.DispatchAsync(data, SendsOf(attempt), token), cancellationToken);

    internal Task LinkAsync(EnrichmentAttempt attempt, int? dataRun, TimeSpan? timeToLive, CancellationToken cancellationToken) =>
        RunAsync(EventParts.Entity, attempt, token => links.WriteAsync(attempt.ReadRecord, dataRun, timeToLive, token), cancellationToken);

    private List<Task>? SendsOf(EnrichmentAttempt attempt) => time.GetUtcNow() - attempt.DeliveredAt < SendWithin ? attempt.Sends : null;

    private async Task RunAsync(EventParts part, EnrichmentAttempt attempt, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            await run(either.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            attempt.Pending |= part;
            logger.LogWarning("Left a part of event {Id} of {Source} to the relay ({Part}): {Reason}", attempt.Key.Id, attempt.Key.Source, part, e.Message);
        }
    }
}
