using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Enrichment;

/// <summary>
/// The parts of an event's way beside its enrichment: each has a budget of its own, and one that fails is left to the relay instead of
/// holding up the event.
/// </summary>
public sealed class DispatchParts(
    IEventStore store, IEventDispatch dispatch, TimeProvider time, ILogger<DispatchParts> logger) : IPendingParts
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(3);

    // Later in an attempt the queue sends: an endpoint may take ten seconds, and Event Grid waits thirty.
    private static readonly TimeSpan SendWithin = TimeSpan.FromSeconds(12);

    /// <inheritdoc/>
    public async Task RunAsync(EventRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
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
        RunAsync(EventParts.Thin, attempt, (attempts, token) => dispatch.DispatchAsync(attempt.ReadRecord, attempts, token), cancellationToken);

    internal Task DispatchEnrichedAsync(EnrichmentAttempt attempt, FullData data, CancellationToken cancellationToken) =>
        RunAsync(EventParts.Enriched, attempt, (attempts, token) => dispatch.DispatchAsync(data, attempts, token), cancellationToken);

    private async Task RunAsync(
        EventParts part, EnrichmentAttempt attempt, Func<ICollection<Task>?, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            await run(time.GetUtcNow() - attempt.DeliveredAt < SendWithin ? attempt.Sends : null, either.Token);
            attempt.Pending &= ~part;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            attempt.Pending |= part;
            logger.LogWarning(e, "Could not dispatch event {Id} of {Source} ({Part}); the relay repeats it.", attempt.Key.Id, attempt.Key.Source, part);
        }
    }
}
