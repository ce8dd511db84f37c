using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Publication;

/// <summary>
/// The second half of the transactional outbox: publishes recorded events that were not delivered. It publishes first and then defers the
/// next publication: a crash between the two costs a duplicate, never an event.
/// </summary>
internal sealed class EventRelay(
    IEventStore store,
    CoalescingPublisher publisher,
    IPendingParts pending,
    TimeProvider time,
    IOptions<RelayOptions> options,
    ILogger<EventRelay> logger,
    EventMetrics metrics)
{
    // Before the size of the events is known.
    private const int FirstPageSize = 100;

    private readonly RelayOptions _options = options.Value;

    /// <summary>Publishes due events, longest due first, until none is left, Event Grid rejects them, or the tick's budget is used up.</summary>
    /// <param name="cancellationToken">Ends the tick; what Event Grid has taken by then is still noted.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read, or not every outcome noted.</exception>
    public async Task<RelayTick> RunAsync(CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + _options.TickBudget;
        var total = default(RelayTick);

        // A store may answer with records as they stood before this tick's patches: no tick publishes a run twice.
        var seen = new HashSet<(EventKey, int)>();
        var limit = Math.Min(FirstPageSize, _options.PageSize);
        while (time.GetUtcNow() < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var due = await store.ReadDueAsync(time.GetUtcNow(), limit, cancellationToken);
            if (seen.Count == 0)
            {
                metrics.RelayFound(AgeOf(due));
            }

            var page = due.Where(r => seen.Add((r.Key, r.Run))).Select(r => new Relayed(r)).ToList();
            if (page.Count == 0)
            {
                break;
            }

            var came = await RelayAsync(page, cancellationToken);
            total = total.Plus(came);

            // A page with less than asked for proves nothing: a store ends it early where records are large.
            if (cancellationToken.IsCancellationRequested || (came.PutOff > 0 && came.Taken == 0))
            {
                break;
            }

            limit = Math.Clamp((int)(_options.PageBytes / page.Average(r => (double)r.Encoded.Length)), 1, _options.PageSize);
        }

        if (total != default)
        {
            logger.LogInformation(
                "Relayed {Taken} events; {Deferred} deferred, {Unpublishable} unpublishable.", total.Taken, total.PutOff, total.Unpublishable);
        }

        return total;
    }

    // Since it was first due, and not since the last delay: while the topic takes nothing, everything is put off again and again.
    private TimeSpan AgeOf(IReadOnlyList<EventRecord> due) => due
        .Select(record => time.GetUtcNow() - (record.RelayAt ?? time.GetUtcNow()) + _options.DelaysUpTo(record.RelayFailures))
        .Append(TimeSpan.Zero)
        .Max();

    private async Task<RelayTick> RelayAsync(List<Relayed> page, CancellationToken cancellationToken)
    {
        await Task.WhenAll(page.Select(r => r.Record.Pending == EventParts.None ? PublishAsync(r, cancellationToken) : FinishAsync(r, cancellationToken)));
        await RecordAsync(page);
        return new RelayTick(
            page.Count(r => r.IsTaken),
            page.Count(r => !r.IsTaken && r.Failure?.Failure != PublishFailure.Rejected),
            page.Count(r => r.Failure?.Failure == PublishFailure.Rejected));
    }

    private async Task PublishAsync(Relayed relayed, CancellationToken cancellationToken)
    {
        using var span = EventTracing.Relay(relayed.Record, publisher.Topic);
        try
        {
            await publisher.PublishAsync(relayed.Encoded, cancellationToken);
            relayed.IsTaken = true;
        }
        catch (PublishException e)
        {
            relayed.Failure = e;
            EventTracing.Fail(span, nameof(PublishException));
        }
        catch (OperationCanceledException)
        {
            // Stays as it was, and due.
        }
    }

    private async Task FinishAsync(Relayed relayed, CancellationToken cancellationToken)
    {
        try
        {
            await pending.RunAsync(relayed.Record, cancellationToken);
            relayed.IsTaken = true;
        }
        catch (OperationCanceledException)
        {
            // Stays as it was, and due.
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Could not finish event {Id} of {Source} ({Parts}); retrying.", relayed.Record.Key.Id, relayed.Record.Key.Source, relayed.Record.Pending);
            relayed.Failure = new PublishException(PublishFailure.Unavailable, e.Message, e);
        }
    }

    // To the end whatever happens: each event that was taken and is not noted is published once more.
    private async Task RecordAsync(List<Relayed> page)
    {
        var errors = 0;
        Exception? first = null;
        var parallel = BackgroundTask.InParallel(_options.MaxConcurrentPatches, CancellationToken.None);
        await Parallel.ForEachAsync(page, parallel, async (relayed, _) =>
        {
            if (PatchFor(relayed) is not { } patch)
            {
                return;
            }

            try
            {
                // Not applied means that it was completed meanwhile.
                var outcome = await store.PatchAsync(relayed.Record.Key, patch, CancellationToken.None);
                if (outcome == PatchOutcome.Applied && patch is { Status: EventStatus.Failed, Reason: { } reason })
                {
                    metrics.Failed(reason);
                }
            }
            catch (Exception e)
            {
                Interlocked.Increment(ref errors);
                Interlocked.CompareExchange(ref first, e, null);
            }
        });

        if (first is not null)
        {
            throw new StoreUnavailableException($"Could not record {errors} of {page.Count} relayed events. They will be published again.", first);
        }
    }

    private RecordPatch? PatchFor(Relayed relayed)
    {
        var now = time.GetUtcNow();
        var run = relayed.Record.Run;
        if (relayed.Record.Pending != EventParts.None)
        {
            var failed = relayed.Record.RelayFailures + 1;
            return relayed.IsTaken ? RecordPatch.PartsDone(relayed.Record)
                : relayed.Failure is null ? null
                : RecordPatch.PartsDeferred(relayed.Record, now + _options.DelayAfter(failed), failed);
        }

        if (relayed.IsTaken)
        {
            return RecordPatch.RelayLater(run, _options.AfterDelivery(now), 0, new TimelineEntry(now, TimelineStep.Relayed, run));
        }

        if (relayed.Failure is not { } failure)
        {
            return null;
        }

        if (failure.Failure == PublishFailure.Rejected)
        {
            var failed = new TimelineEntry(now, TimelineStep.Failed, run) { Detail = failure.Message };
            return RecordPatch.Failed(run, FailureReason.Unpublishable, [failed]);
        }

        var failures = relayed.Record.RelayFailures + 1;
        var entry = new TimelineEntry(now, TimelineStep.PublishFailed, run) { Detail = failure.Message, Attempt = failures };
        return RecordPatch.RelayLater(run, now + _options.DelayAfter(failures), failures, entry);
    }

    private sealed class Relayed(EventRecord record)
    {
        public EventRecord Record { get; } = record;

        public ReadOnlyMemory<byte> Encoded { get; } = EventEncoder.Encode(record);

        public bool IsTaken { get; set; }

        public PublishException? Failure { get; set; }
    }
}
