using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Intake;
using EventFunctions.Jobs;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Records;
using EventFunctions.Simulation.World;
using EventFunctions.Storage;
using EventFunctions.Webhooks;

namespace EventFunctions.Simulation.Judging;

/// <summary>
/// Knows what the service has promised, from what it answered and from nothing else, and holds every write and everything that leaves the
/// service against that.
/// </summary>
internal sealed class Judge(SimulatedWorld world)
{
    private const string JobMark = "job ";

    private readonly Dictionary<EventKey, AcceptedEvent> _events = [];
    private readonly Dictionary<string, HashSet<EventKey>> _pending = new(StringComparer.Ordinal);
    private readonly HashSet<(string Job, EventKey Key)> _listed = [];
    private int _feedPlace;
    private readonly Dictionary<string, EventContent> _bodies = new(StringComparer.Ordinal);

    /// <summary>The first thing that must not happen; null if nothing did.</summary>
    public string? Violation { get; private set; }

    /// <summary>How many events were accepted.</summary>
    public int AcceptedCount => _events.Values.Count(one => one.IsPromised);

    /// <summary>The events.</summary>
    public IEnumerable<AcceptedEvent> Events => _events.Values;

    public void Fail(string violation)
    {
        if (Violation is null)
        {
            Violation = violation;
            world.Trace.Add(world.Thread.Now, "judge", "objects", "", violation);
        }
    }

    public void Assert(bool holds, FormattableString violation)
    {
        if (!holds)
        {
            Fail(FormattableString.Invariant(violation));
        }
    }

    public AcceptedEvent Of(EventKey key) => _events.TryGetValue(key, out var one) ? one : _events[key] = new AcceptedEvent(key);

    public bool IsAccepted(EventKey key) => Of(key).IsRecorded;

    /// <summary>The service answered 202, or refused.</summary>
    public void Answered(IReadOnlyList<EventNotification> events, IntakeResult result)
    {
        if (result.Refusals.Count > 0 && events.Any(one => Deleted.Contains(one.Source)))
        {
            return;
        }

        Assert(result.Refusals.Count == 0 && result.Excess is null, $"A valid event was refused: {string.Join(' ', result.Refusals)}");
        Assert(result.Outcomes.Count == events.Count, $"{events.Count} events have {result.Outcomes.Count} outcomes.");
        foreach (var outcome in result.Outcomes)
        {
            var (one, sent) = (Of(outcome.Key), events[outcome.Index]);
            if (outcome.Verdict == IntakeVerdict.Conflict)
            {
                Assert(one.Recorded is { } recorded && recorded.Subject != sent.Subject, $"{sent.Id} is a conflict with itself.");
                continue;
            }

            // The first that was recorded is the one.
            Assert(one.IsRecorded, $"{sent.Id} was answered {outcome.Verdict} without a record.");
            Assert(one.Recorded?.Subject == sent.Subject, $"{sent.Id} was answered {outcome.Verdict} although another event has its identity.");
            Assert(outcome.Verdict != IntakeVerdict.Accepted || one.Accepted++ == 0, $"{sent.Id} was accepted as new twice.");
            one.IsPromised = true;
        }
    }

    /// <summary>A call threw.</summary>
    public void Threw(string what, Exception error)
    {
        // These mean that the call is to be repeated. A tick reports what its parts could not do, and goes on.
        if (error is not (InstanceDiedException or TimeoutException or OperationCanceledException)
            && (what == Trace.Tick || error is not (StoreUnavailableException or EnrichmentIncompleteException or DeadLettersUnavailableException or ContentionException
                or PublishException or RepublishRateException)))
        {
            Fail($"{what} threw {error}");
        }
    }

    /// <summary>The store wrote a record.</summary>
    public void Wrote(EventRecord? before, EventRecord record)
    {
        var one = Of(record.Key);
        one.ExpiresAt = world.Thread.Now + record.TimeToLive;
        if (before is null)
        {
            one.Begin();
            one.IsRecorded = true;
            one.Recorded = record.Event;
            one.HasOwnData = record.OwnData;
        }

        foreach (var job in record.Timeline.Skip(before?.Timeline.Length ?? 0).Select(JobOf).OfType<string>())
        {
            Assert(_listed.Contains((job, record.Key)), $"The job {job} changed {record.Key.Id} before it was stored as pending.");
            if (!_pending[job].Contains(record.Key))
            {
                LateChanges.Add((job, record.Key));
            }
        }

        WriteRules.Check(this, before, record);
    }

    /// <summary>The store wrote a job.</summary>
    public void WroteJob(EventJob job)
    {
        var pending = job.Pending.Select(item => new EventKey(item.Source, item.Id)).ToHashSet();
        _pending[job.Id] = pending;
        _listed.UnionWith(pending.Select(key => (job.Id, key)));
    }

    /// <summary>The job whose name an entry of a timeline has; null if there is none.</summary>
    public static string? JobOf(TimelineEntry entry) =>
        entry.Detail is { } detail && detail.StartsWith(JobMark, StringComparison.Ordinal) ? detail[JobMark.Length..] : null;

    /// <summary>The store wrote full data.</summary>
    public void WroteData(FullData? before, FullData data)
    {
        Assert(before is null || data.Erased || !Of(data.Key).Data.ContainsKey(data.Run), $"The frozen data of {data.Key.Id} run {data.Run} was replaced.");
        var one = Of(data.Key);
        if (data.Erased)
        {
            one.ErasedData.Add(data.Run);
        }
        else
        {
            one.Data[data.Run] = data;
        }
    }

    /// <summary>The topic took an event.</summary>
    public void Published(EventNotification notification, ReadOnlyMemory<byte> encoded)
    {
        if (notification.Type.StartsWith(ReservedNames.OwnTypePrefix, StringComparison.Ordinal))
        {
            Same($"own {notification.Id}", encoded, isErased: false);
            return;
        }

        if (!EventEncoder.TryReadEnrichedId(notification.Id, out var id, out var run))
        {
            var sent = Of(notification.Key);
            Assert(sent.IsRecorded, $"{notification.Id} was published before it was recorded.");
            Same($"topic {notification.Source} {notification.Id} {notification.Run} {sent.Expired}", encoded, isErased: world.Events.Records.Any(record => record.Key == notification.Key && record.Erased));
            sent.Published.Add(notification.Run);
            return;
        }

        var one = Of(new EventKey(notification.Source, id));
        Assert(one.Data.ContainsKey(run) || (one.HasOwnData && run == 0), $"The enriched event of {id} run {run} was published before its data was frozen.");
        var frozen = one.Data.TryGetValue(run, out var data) ? data.Content : one.Recorded?.Data;
        Assert(frozen is not null && frozen.Equals(notification.Data), $"The enriched event of {id} run {run} does not have the frozen data.");
        one.Enriched.Add(run);
        Same($"topic {notification.Source} {notification.Id} {one.Expired}", encoded, isErased: false);
    }

    /// <summary>A feed was read up to an event, by the holder of its lease.</summary>
    public void FeedAdvanced(string? lastEventId)
    {
        var place = world.Producers.PlaceOf(lastEventId);
        Assert(place >= _feedPlace, $"The cursor of the feed went back from {_feedPlace} to {place}.");
        Assert(world.Producers.IsAcceptedUpTo(place, IsAccepted), $"The cursor of the feed is behind an event that was not accepted.");
        _feedPlace = place;
    }

    /// <summary>The topic gave an event up.</summary>
    public void DeadLettered(EventNotification notification) => Of(notification.Key).DeadLettered.Add(notification.Run);

    /// <summary>A producer answered that there is no such data.</summary>
    public void Refused(Uri url) => MayFail.Add(url.PathAndQuery);

    /// <summary>The URLs whose data a producer does not have.</summary>
    public HashSet<string> MayFail { get; } = new(StringComparer.Ordinal);

    /// <summary>The sources whose producer was deleted at some time.</summary>
    public HashSet<string> Deleted { get; } = new(StringComparer.Ordinal);

    /// <summary>The jobs that an operator tried to cancel.</summary>
    public HashSet<string> CancelledJobs { get; } = new(StringComparer.Ordinal);

    /// <summary>The events that a job changed when they were counted already: the call of a holder that lost its lease arrived late.</summary>
    public HashSet<(string Job, EventKey Key)> LateChanges { get; } = [];

    /// <summary>The <c>webhook-id</c>s that endpoints have.</summary>
    public HashSet<string> ReceivedIds { get; } = new(StringComparer.Ordinal);

    /// <summary>An endpoint took a message.</summary>
    public void Received(WebhookRequest request)
    {
        ReceivedIds.Add(request.Id);
        Same("webhook " + request.Id, request.Body, isErased: false);
    }

    private void Same(string name, ReadOnlyMemory<byte> bytes, bool isErased)
    {
        var content = new EventContent(ContentKind.Json, bytes);
        Assert(isErased || !_bodies.TryGetValue(name, out var first) || first.Equals(content), $"{name} has two contents.");
        _bodies.TryAdd(name, content);
    }
}

/// <summary>What is known of one event.</summary>
internal sealed class AcceptedEvent(EventKey key)
{
    public EventKey Key => key;

    /// <summary>How often it was answered that it is new.</summary>
    public int Accepted { get; set; }

    /// <summary>Whether it was answered 202.</summary>
    public bool IsPromised { get; set; }

    public bool IsRecorded { get; set; }

    /// <summary>How many records of its key have expired.</summary>
    public int Expired { get; private set; }

    /// <summary>When its record expires; null if it is kept.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    public EventNotification? Recorded { get; set; }

    /// <summary>Whether its record holds the full data of its first run.</summary>
    public bool HasOwnData { get; set; }

    /// <summary>The runs that were published.</summary>
    public HashSet<int> Published { get; } = [];

    /// <summary>The runs whose enriched events were published.</summary>
    public HashSet<int> Enriched { get; } = [];

    public HashSet<int> DeadLettered { get; } = [];

    public Dictionary<int, FullData> Data { get; } = [];

    public HashSet<int> ErasedData { get; } = [];

    /// <summary>A record of its key is created. One that was there before has expired, and the event is another one.</summary>
    public void Begin()
    {
        Expired += IsRecorded ? 1 : 0;
        Accepted = 0;
        Published.Clear();
        Enriched.Clear();
        DeadLettered.Clear();
        Data.Clear();
        ErasedData.Clear();
    }
}
