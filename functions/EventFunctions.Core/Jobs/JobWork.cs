using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Options;

namespace EventFunctions.Jobs;

/// <summary>The outcome of a job for one event.</summary>
internal enum JobOutcome
{
    /// <summary>Done, now or by an earlier holder of the job.</summary>
    Started,

    /// <summary>The event had changed meanwhile, or is gone.</summary>
    Skipped,

    /// <summary>The store refused the change.</summary>
    Failed,
}

/// <summary>
/// Does to one event what a job is for. A change names the run in which the event matched and leaves the job's name in
/// the timeline: done twice, by two at once or after a crash, it takes effect once, and both know that it did.
/// </summary>
internal sealed class JobWork(
    IEventStore store,
    EntityLinks links,
    IProducerRegistry producers,
    EventRefusals refusals,
    TimeProvider time,
    IOptions<EnrichmentOptions> options,
    IEnumerable<IErasableCopies> copies,
    DeliveryErasure deliveries,
    MissedDeliveries missed)
{
    /// <summary>Does it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="item">The event.</param>
    /// <param name="cancellationToken">Ends the wait; the event may have changed all the same.</param>
    /// <exception cref="StoreUnavailableException">Nobody knows what became of it.</exception>
    public async Task<JobOutcome> DoAsync(EventJob job, JobItem item, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(item);
        try
        {
            if (job is { Action: JobAction.Deliver, Webhook: { } webhook })
            {
                return await missed.MakeAsync(webhook, Key(item), job.Id, cancellationToken)
                    ? JobOutcome.Started
                    : JobOutcome.Skipped;
            }

            if (job.Action == JobAction.Replay && item.Source == ReservedNames.OwnSource)
            {
                return JobOutcome.Skipped;
            }

            var done = job.Action == JobAction.Erase ? await EraseAsync(job, item, cancellationToken)
                : await store.PatchAsync(Key(item), await PatchAsync(job, item, cancellationToken), cancellationToken) == PatchOutcome.Applied
                    || await IsDoneAsync(job, item, cancellationToken);
            return done ? JobOutcome.Started : JobOutcome.Skipped;
        }
        catch (InvalidOperationException)
        {
            return JobOutcome.Failed;
        }
    }

    /// <summary>
    /// Finishes a job that has met its last event. An erasure also erases the entity's refused events, if the job was not
    /// cancelled, and copies outside the store. It may be repeated.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What could not be done, in words; null if everything was.</returns>
    /// <exception cref="StoreUnavailableException">Not everything was done.</exception>
    public async Task<string?> FinishAsync(EventJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job is not { Action: JobAction.Erase, Filter.Entity: { } entity })
        {
            return job.Detail;
        }

        var (source, subject) = entity;
        var detail = job.State == JobState.Completed ? await EraseRefusalsAsync(source, subject, cancellationToken) : job.Detail;
        foreach (var place in copies)
        {
            await place.EraseAsync(
                async key => key.Source == source && await store.ReadAsync(key, cancellationToken) is { Erased: true }, cancellationToken);
        }

        return detail;
    }

    /// <summary>Erases answers that endpoints gave after the job had erased the event.</summary>
    /// <param name="item">The event.</param>
    /// <param name="cancellationToken">Ends the work. It may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not all are erased.</exception>
    public async Task<JobOutcome> SweepAsync(JobItem item, CancellationToken cancellationToken)
    {
        await deliveries.EraseAsync(Key(item), cancellationToken);
        return JobOutcome.Started;
    }

    private async Task<string?> EraseRefusalsAsync(string source, string subject, CancellationToken cancellationToken)
    {
        // The source may have had another owner when the events came: refusals are kept by the producer's name.
        var entity = new EntityKey(source, subject);
        var owners = (await producers.ListAsync(cancellationToken)).Where(producer => producer.Owns(source)).ToList();
        var newest = await store.ListAsync(new EventQuery { Entity = entity, WithData = false, Limit = 1 }, cancellationToken);
        var recorder = newest.Items is [{ Producer: var name }] && owners.TrueForAll(owner => owner.Name != name) ? name : null;
        var earlier = recorder is null ? null : await producers.FindByNameAsync(recorder, cancellationToken);
        foreach (var owner in owners)
        {
            await refusals.EraseAsync(owner, entity, cancellationToken);
        }

        if (recorder is not null)
        {
            await refusals.EraseAsync(earlier ?? new Producer { Name = recorder, Source = source }, entity, cancellationToken);
        }

        return (owners, recorder, earlier) switch
        {
            (_, not null, null) => $"The producer {recorder} is no longer registered. Only its refused events whose subject is the "
                + "entity's are erased; the others expire at the end of their retention.",
            ({ Count: 0 }, null, _) => $"The producer of {source} is no longer registered. Its refused events expire at the end of their retention.",
            _ => null,
        };
    }

    private static EventKey Key(JobItem item) => new(item.Source, item.Id);

    private static string MarkOf(EventJob job) => "job " + job.Id;

    private static string StepOf(JobAction action) => action switch
    {
        JobAction.Replay => TimelineStep.Replayed,
        JobAction.Dismiss => TimelineStep.Dismissed,
        JobAction.Restore => TimelineStep.Restored,
        _ => TimelineStep.Erased,
    };

    private async ValueTask<RecordPatch> PatchAsync(EventJob job, JobItem item, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var entry = new TimelineEntry(now, StepOf(job.Action), item.Run) { Detail = MarkOf(job) };
        return job.Action switch
        {
            JobAction.Replay => Replayed(item, entry with { Run = item.Run + 1 }),

            // An operator may have undone since what an earlier holder did in this run.
            JobAction.Dismiss => RecordPatch.Dismissed(item.Run, entry, await TimeToLiveAsync(item.Producer, item.Source, cancellationToken)).Once(),
            JobAction.Restore => RecordPatch.Restored(item.Run, entry).Once(),
            _ => RecordPatch.Erased(item.Run, entry),
        };
    }

    private async ValueTask<TimeSpan?> TimeToLiveAsync(string recordedFor, string source, CancellationToken cancellationToken) =>
        options.Value.Retention.RecordTimeToLiveOf(await producers.FindOwnerAsync(recordedFor, source, cancellationToken));

    private static RecordPatch Replayed(JobItem item, TimelineEntry entry)
    {
        using var span = EventTracing.Replay(Key(item), entry.Run, out var traceParent);
        return RecordPatch.Replayed(item.Run, entry.Under(traceParent), entry.At);
    }

    private async Task<bool> IsDoneAsync(EventJob job, JobItem item, CancellationToken cancellationToken) =>
        await store.ReadAsync(Key(item), cancellationToken) is { } record
        && record.Timeline.Any(entry => entry.What == StepOf(job.Action) && entry.Detail == MarkOf(job));

    // First the record, after which no run begins; then the data of all runs there are, or a mark where it would come. A record
    // that says it is erased is no proof that the data is gone: whoever wrote it may have died just then.
    private async Task<bool> EraseAsync(EventJob job, JobItem item, CancellationToken cancellationToken)
    {
        while (await store.ReadAsync(Key(item), cancellationToken) is { } record)
        {
            if (!record.Erased
                && await store.PatchAsync(record.Key, await PatchAsync(job, item with { Run = record.Run }, cancellationToken), cancellationToken) != PatchOutcome.Applied)
            {
                continue;
            }

            for (var run = 0; run <= record.Run; run++)
            {
                await store.ReplaceDataAsync(FullData.Erasure(record, run, time.GetUtcNow()), cancellationToken);
            }

            await links.EraseAsync(record, await TimeToLiveAsync(record.Producer, record.Event.Source, cancellationToken), cancellationToken);
            await deliveries.EraseAsync(record.Key, cancellationToken);
            return true;
        }

        return false;
    }
}
