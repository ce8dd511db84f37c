using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Jobs;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Simulation.Machine;
using EventFunctions.Simulation.World;
using EventFunctions.Storage;
using EventFunctions.Streams;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Simulation.Judging;

/// <summary>What must hold once the faults have ended and all work is done.</summary>
internal sealed class EndChecks(SimulatedWorld world)
{
    // No definition of a producer, a webhook or a container has more parts.
    private const int MostHeld = 10;

    // To count what is held costs a tenth of a world.
    private const int SeedsForEachCount = 8;

    private readonly Judge _judge = world.Judge;

    public bool IsDone { get; private set; }

    public async Task CheckAsync()
    {
        var records = world.Events.Records.ToDictionary(record => record.Key);
        foreach (var one in _judge.Events)
        {
            if (records.TryGetValue(one.Key, out var record))
            {
                Check(one, record);
            }
            else
            {
                _judge.Assert(!one.IsPromised || one.ExpiresAt <= world.Thread.Now, $"{one.Key.Id} was accepted and is lost.");
            }
        }

        var deliveries = world.Documents.All(DocumentContainer.Deliveries).Select(DeliveryDocuments.Read).ToList();
        var webhooks = world.Documents.All(DocumentContainer.Webhooks).Where(document => document.Id == WebhookDocuments.Id)
            .Select(document => WebhookDocuments.Read(document).Webhook).ToDictionary(webhook => webhook.Name, StringComparer.Ordinal);
        foreach (var delivery in deliveries)
        {
            Check(delivery, records.GetValueOrDefault(delivery.Key), webhooks.GetValueOrDefault(delivery.Webhook));
        }

        CheckDispatched(records.Values, deliveries);
        CheckMonitors();
        await CheckEntitiesAsync(records.Values);
        CheckJobs(records.Values);
        await CheckFeedAsync(records.Values);
        IsDone = true;
    }

    /// <summary>Checks that nothing is kept beyond its time. A failure is kept until it is dismissed.</summary>
    public void CheckForgotten()
    {
        foreach (var record in world.Events.Records.Where(record => record.Dismissed || (record.Status & EventStatus.Failure) == 0))
        {
            _judge.Fail($"The record of {record.Key.Id} is {record.Status} and kept for ever.");
        }

        _judge.Assert(world.Events.DataCount == 0, $"{world.Events.DataCount} data items are kept for ever.");
        foreach (var container in new[] { DocumentContainer.Entities, DocumentContainer.Deliveries })
        {
            _judge.Assert(!world.Documents.All(container).Any(), $"A document of {container.Name} is kept for ever: {world.Documents.All(container).FirstOrDefault()?.Id}");
        }

        _judge.Assert(world.Documents.All(DocumentContainer.State).All(document => document.Partition != EventJobs.Partition), $"A job is kept for ever.");
        CheckMemory();
    }

    private void CheckMemory()
    {
        foreach (var instance in world.Scenario.Seed % SeedsForEachCount == 0 ? world.Living : [])
        {
            foreach (var (field, count) in Holdings.Count(ServiceGraph.MadeBy(instance.Services)))
            {
                _judge.Assert(count <= MostHeld, $"{instance.Name} has no work, and holds {count} items in {field}.");
            }
        }
    }

    private async Task CheckFeedAsync(IEnumerable<EventRecord> records)
    {
        await world.Follower.ReadAsync();
        foreach (var record in records)
        {
            _judge.Assert(IsPassed(record), $"{record.Key.Id} is {record.Status} in run {record.Run}, and the feed never had its enriched event.");
        }
    }

    // The consumer reads now and then, and full data lives for seven days.
    private bool IsPassed(EventRecord record) =>
        EventFeedQuery.RunOf(record) is not { } run || record.EnrichedRun is null
        || world.Follower.Has(record.Key, run) || !(record.OwnData || world.Events.HasData(record.Key, run));

    private void Check(AcceptedEvent one, EventRecord record)
    {
        var id = one.Key.Id;
        _judge.Assert((record.Status & EventStatus.Final) != 0, $"{id} is {record.Status} for ever.");
        _judge.Assert(record is { RelayAt: null, Pending: EventParts.None }, $"{id} is due for ever.");
        _judge.Assert(record.Erased || record.Event == one.Recorded, $"{id} is not what was accepted.");
        _judge.Assert(record.Status != EventStatus.DeadLettered || one.DeadLettered.Contains(record.Run), $"{id} is dead-lettered in run {record.Run}, and the topic did not give it up.");
        _judge.Assert(record.Status != EventStatus.Failed || MayHaveFailed(one, record), $"{id} failed in run {record.Run} without cause: {record.Reason}.");
        foreach (var run in one.Data.Keys.Where(_ => record.Erased).Order())
        {
            _judge.Assert(one.ErasedData.Contains(run), $"{id} is erased, and its data of run {run} is not.");
        }

        CheckTimeline(id, record);
        for (var run = 0; run <= record.Run; run++)
        {
            var entries = record.Timeline.Where(entry => entry.Run == run).ToList();
            var isCompleted = entries.Exists(entry => entry.What == TimelineStep.Completed);
            _judge.Assert(!isCompleted || one.Published.Contains(run), $"{id} completed run {run} and was never published.");
            _judge.Assert(!isCompleted || !entries.Exists(entry => entry.What == TimelineStep.Fetched) || one.Enriched.Contains(run), $"{id} completed run {run} and no enriched event was published.");
            _judge.Assert(entries.Exists(entry => entry.What == TimelineStep.Filtered) || one.Published.Contains(run) || record.Erased, $"{id} was never published in run {run}.");
        }
    }

    private bool MayHaveFailed(AcceptedEvent one, EventRecord record) =>
        record.Erased || record.Reason == FailureReason.Erased || (record.Reason == FailureReason.UnknownProducer && _judge.Deleted.Contains(one.Key.Source))
        || (record.Reason == FailureReason.DataNotFound && _judge.MayFail.Any(url => url.Contains(one.Key.Id, StringComparison.Ordinal)));

    private void CheckTimeline(string id, EventRecord record)
    {
        var timeline = record.Timeline;
        _judge.Assert(timeline[0].What == TimelineStep.Recorded, $"The timeline of {id} begins with {timeline[0].What}.");
        _judge.Assert(timeline.Count(entry => entry.What == TimelineStep.Recorded) == 1, $"{id} was recorded twice.");
        _judge.Assert(timeline.Count(entry => entry.What == TimelineStep.Replayed) == record.Run, $"{id} is in run {record.Run} and was replayed {timeline.Count(entry => entry.What == TimelineStep.Replayed)} times.");
        foreach (var run in timeline.GroupBy(entry => entry.Run))
        {
            foreach (var what in (string[])[TimelineStep.Completed, TimelineStep.Failed, TimelineStep.DeadLettered, TimelineStep.Fetched])
            {
                _judge.Assert(run.Count(entry => entry.What == what) <= 1, $"Run {run.Key} of {id} has {what} twice.");
            }
        }

        var last = timeline.Where(entry => entry.Run == record.Run);
        var expected = record.Status switch
        {
            EventStatus.Completed => TimelineStep.Completed,
            EventStatus.Failed => TimelineStep.Failed,
            EventStatus.DeadLettered => TimelineStep.DeadLettered,
            _ => TimelineStep.Filtered,
        };
        _judge.Assert(last.Any(entry => entry.What == expected), $"{id} is {record.Status} and its timeline does not say so.");
    }

    private void Check(Delivery delivery, EventRecord? record, Webhook? webhook)
    {
        _judge.Assert(
            delivery.Reason != DeliveryReason.Deleted || webhook?.RegisteredAt != delivery.WebhookRegisteredAt,
            $"The delivery {delivery.Id} of {delivery.EventId} was abandoned because {delivery.Webhook} is deleted, which it is not.");
        _judge.Assert(
            delivery.Reason != DeliveryReason.Expired || record is null || _judge.Of(delivery.Key).Expired > 0 || (delivery.Enriched && HasNoData(delivery, record)),
            $"The delivery {delivery.Id} of {delivery.EventId} to {delivery.Webhook} was abandoned because its event has expired, which it has not.");
        _judge.Assert(
            record is not { Erased: true } || delivery.Attempts.All(attempt => attempt.Head is null),
            $"{delivery.EventId} is erased, and the log of its delivery to {delivery.Webhook} has what the endpoint answered.");
        _judge.Assert(delivery.IsOver, $"The delivery {delivery.Id} of {delivery.EventId} to {delivery.Webhook} is {delivery.Status} for ever.");
        _judge.Assert(delivery.Status != DeliveryStatus.Delivered || _judge.ReceivedIds.Contains(delivery.Id), $"The delivery {delivery.Id} of {delivery.EventId} counts as delivered, and the endpoint does not have it.");
        _judge.Assert(
            delivery.Status != DeliveryStatus.Abandoned || delivery.Reason is DeliveryReason.Erased or DeliveryReason.Expired or DeliveryReason.Disabled or DeliveryReason.Deleted,
            $"The delivery {delivery.Id} was abandoned: {delivery.Reason}.");
        _judge.Assert(delivery.Status != DeliveryStatus.Failed || delivery.Attempted > 7 || delivery.Reason != DeliveryReason.Exhausted, $"The delivery {delivery.Id} failed after {delivery.Attempted} attempts.");
    }

    private bool HasNoData(Delivery delivery, EventRecord record) => record.OwnData
        ? record.Timeline.Any(entry => entry.Run == delivery.Run && entry.What == TimelineStep.Failed)
        : !world.Events.HasData(delivery.Key, delivery.Run);

    // What became of an event does not matter to webhooks that want the event itself. A later run does not inherit what an earlier one left.
    private void CheckDispatched(IEnumerable<EventRecord> records, List<Delivery> deliveries)
    {
        foreach (var twins in deliveries.Where(delivery => _judge.Of(delivery.Key).Expired == 0).GroupBy(delivery => (delivery.Webhook, delivery.WebhookRegisteredAt, delivery.Source, delivery.EventId, delivery.Run, delivery.Enriched)))
        {
            _judge.Assert(twins.Count() == 1, $"{twins.Key.EventId} run {twins.Key.Run} has {twins.Count()} deliveries to {twins.Key.Webhook}.");
        }

        var known = deliveries.Select(delivery => (delivery.Webhook, new EventKey(delivery.Source, delivery.EventId), delivery.Run, delivery.Enriched)).ToHashSet();
        foreach (var record in records.Where(record => record is { Erased: false, Status: not EventStatus.Filtered }))
        {
            _judge.Assert(known.Contains(("crm", record.Key, record.Run, false)), $"{record.Key.Id} run {record.Run} was not dispatched to crm.");
            if (record.Status == EventStatus.Completed && record.Timeline.Any(entry => entry.Run == record.Run && entry.What == TimelineStep.Fetched))
            {
                _judge.Assert(known.Contains(("crm", record.Key, record.Run, true)), $"The enriched event of {record.Key.Id} run {record.Run} was not dispatched to crm.");
                _judge.Assert(known.Contains(("erp", record.Key, record.Run, true)), $"The enriched event of {record.Key.Id} run {record.Run} was not dispatched to erp.");
            }
        }
    }

    private async Task CheckEntitiesAsync(IEnumerable<EventRecord> records)
    {
        var lookup = new EntityLookup(world.Documents);
        foreach (var entity in records.Where(record => record is { Linked: true, Entity: not null }).GroupBy(record => record.Entity!.Value))
        {
            var (links, _) = await lookup.ListEventsAsync(entity.Key, null, 1_000, null, default);
            var byId = links.GroupBy(link => link.EventId).ToDictionary(same => same.Key, same => same.MaxBy(link => link.RecordedAt, StringComparer.Ordinal)!);
            foreach (var record in entity)
            {
                if (!byId.TryGetValue(record.Key.Id, out var link))
                {
                    _judge.Assert(MayHaveNoLink(record), $"{record.Key.Id} is {record.Status} and not linked to its entity.");
                    continue;
                }

                _judge.Assert(link.Erased == record.Erased, $"The link of {record.Key.Id} says erased {link.Erased}.");

                _judge.Assert(record.Erased || MayHaveRun(link, record), $"The link of {record.Key.Id} has run {link.Run} instead of {record.EnrichedRun}.");
            }

            _judge.Assert(links.Count <= entity.Count() || links.Any(HasExpired), $"The entity {entity.Key.Subject} has {links.Count} links and {entity.Count()} events.");
        }
    }

    // A run without full data does not renew a link, which may expire before its record. Clocks are off by up to a day.
    // The client repeats a filtered event until its link is written too, unless its producer is deleted.
    private bool MayHaveNoLink(EventRecord record) =>
        (record.Status == EventStatus.Filtered && !_judge.Of(record.Key).IsPromised)
        || world.Thread.Now - record.RecordedAt > RetentionPolicy.MinTimeToLive - TimeSpan.FromDays(1);

    // A link is written before the run is known to be completed.
    private bool MayHaveRun(EntityLink link, EventRecord record) =>
        link.Run == record.EnrichedRun || (link.Run is { } run && !(run < record.EnrichedRun) && _judge.Of(record.Key).Enriched.Contains(run));

    private bool HasExpired(EntityLink link) => _judge.Of(link.Key) is var one && (one.Expired > 0 || one.ExpiresAt <= world.Thread.Now);

    private void CheckMonitors()
    {
        foreach (var document in world.Documents.All(DocumentContainer.State).Where(Pumps.IsUnpublished))
        {
            _judge.Fail($"The notice of the monitor {document.Partition}/{document.Id} was never published.");
        }
    }

    // A job leaves its name in each event that it changes, except that an erasure finds some erased already.
    private void CheckJobs(IReadOnlyCollection<EventRecord> records)
    {
        var isWhole = _judge.Events.All(one => !one.IsRecorded || (one.Expired == 0 && records.Any(record => record.Key == one.Key)));
        var changed = records.SelectMany(record => record.Timeline.Select(Judge.JobOf).OfType<string>().Select(job => (Job: job, record.Key))).ToList();
        foreach (var document in world.Documents.All(DocumentContainer.State).Where(document => document.Partition == EventJobs.Partition))
        {
            var job = EventJobs.FromDocument(document);
            _judge.Assert(job.IsOver, $"The job {job.Id} is {job.State} for ever.");
            _judge.Assert(job.State == JobState.Completed || (job.State == JobState.Cancelled && _judge.CancelledJobs.Contains(job.Id)), $"The job {job.Id} ended as {job.State}.");
            var late = _judge.LateChanges.Count(change => change.Job == job.Id);
            _judge.Assert(late <= job.Skipped + job.Failed, $"The job {job.Id} changed {late} events late and counts {job.Skipped} + {job.Failed} that it did not change.");
            var marks = changed.Count(change => change.Job == job.Id && !_judge.LateChanges.Contains(change));
            _judge.Assert(marks <= job.Started, $"The job {job.Id} to {job.Action} changed {marks} events and counts {job.Started}.");
            _judge.Assert(marks == job.Started || job.Action == JobAction.Erase || !isWhole, $"The job {job.Id} to {job.Action} changed {marks} events and counts {job.Started}.");
            _judge.Assert(job.Matched == job.Started + job.Skipped + job.Failed, $"The job {job.Id} matched {job.Matched} events and counts {job.Started} + {job.Skipped} + {job.Failed}.");
        }
    }
}
