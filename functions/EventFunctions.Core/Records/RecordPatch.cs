using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EventFunctions.Records;

/// <summary>
/// A conditional change of one record: a predicate (the run, and the statuses it may leave) and the changes. If the predicate fails,
/// another change was first, which is not an error. The factories below are the only changes; each fits Cosmos DB's limit of ten operations
/// per patch.
/// </summary>
public sealed record RecordPatch
{
    private RecordPatch(int run, EventStatus from) => (Run, From) = (run, from);

    /// <summary>Predicate: the run the record must be in, unless this is a note.</summary>
    public int Run { get; }

    /// <summary>Predicate: the statuses the record may have, unless this is a note.</summary>
    public EventStatus From { get; }

    /// <summary>
    /// Replaces the predicate of run and status: the timeline must not yet have the entry in <see cref="Entries"/>, so that repeats are
    /// recorded once.
    /// </summary>
    public bool IsNote { get; private init; }

    /// <summary>Predicate and change: the new <see cref="EventRecord.Dismissed"/>, which the record must not have yet; null keeps it.</summary>
    public bool? Dismisses { get; private init; }

    /// <summary>Predicate: whether the timeline must not yet have the first of <see cref="Entries"/>, at any time, so that a repeat changes nothing.</summary>
    public bool IsOnce { get; private init; }

    /// <summary>Predicate: whether an erased event is left alone.</summary>
    public bool SparesErased { get; private init; }

    /// <summary>Whether the event's content goes, and <see cref="EventRecord.Erased"/> is set.</summary>
    public bool Erases { get; private init; }

    /// <summary>Whether a dismissed failure leaves that state, because its run ended otherwise or a new one begins.</summary>
    public bool EndsFailure => Status is not null && (From & EventStatus.Failure) != 0;

    /// <summary>The new status; null keeps it.</summary>
    public EventStatus? Status { get; private init; }

    /// <summary>Whether the run counts one up, with its counters back at zero.</summary>
    public bool StartsRun { get; private init; }

    /// <summary>Whether <see cref="EventRecord.Attempts"/> counts one up.</summary>
    public bool CountsAttempt { get; private init; }

    /// <summary>Sets <see cref="EventRecord.Reason"/> whenever <see cref="Status"/> is set.</summary>
    public string? Reason { get; private init; }

    /// <summary>The new <see cref="EventRecord.RelayAt"/>; null keeps it, unless the new status is final, which clears it.</summary>
    public DateTimeOffset? RelayAt { get; private init; }

    /// <summary>The new <see cref="EventRecord.Pending"/> if <see cref="Status"/> is set.</summary>
    public EventParts Pending { get; private init; }

    /// <summary>Predicate: whether the run must have left parts to the relay, as another relay may have done them.</summary>
    public bool NeedsParts { get; private init; }

    /// <summary>Whether <see cref="EventRecord.Pending"/> and <see cref="EventRecord.RelayAt"/> are cleared.</summary>
    public bool EndsParts { get; private init; }

    /// <summary>The new <see cref="EventRecord.RelayFailures"/>; null keeps it.</summary>
    public int? RelayFailures { get; private init; }

    /// <summary>The new <see cref="EventRecord.TimeToLive"/>; set only with <see cref="Status"/> or <see cref="Dismisses"/>, which clear it when this is null.</summary>
    public TimeSpan? TimeToLive { get; private init; }

    /// <summary>What the timeline gains, oldest first.</summary>
    public ImmutableArray<TimelineEntry> Entries { get; private init; } = [];

    /// <summary>A delivery whose record could not be read: proves that there is a record which still wants this run.</summary>
    /// <param name="run">The delivered run.</param>
    /// <param name="entry">What the timeline gains.</param>
    public static RecordPatch Delivered(int run, TimelineEntry entry) => new(run, EventStatus.Open) { Entries = [entry] };

    /// <summary>An attempt that did not finish. It was delivered, so the event is Event Grid's and not the relay's before <paramref name="relayAt"/>.</summary>
    /// <param name="run">The attempted run.</param>
    /// <param name="entry">What the timeline gains.</param>
    /// <param name="relayAt">When the relay may take over.</param>
    public static RecordPatch AttemptRecorded(int run, TimelineEntry entry, DateTimeOffset relayAt) =>
        new(run, EventStatus.Open) { Status = EventStatus.Enriching, CountsAttempt = true, RelayAt = relayAt, Entries = [entry] };

    /// <summary>Success, which always wins.</summary>
    /// <param name="run">The completed run.</param>
    /// <param name="entries">What happened on the way, oldest first; at most three.</param>
    /// <param name="timeToLive">How long the record is kept; null for ever.</param>
    /// <param name="notEnrichedBy">The rule by which there is no full data; null where there is some.</param>
    public static RecordPatch Completed(
        int run, ImmutableArray<TimelineEntry> entries, TimeSpan? timeToLive, string? notEnrichedBy = null) =>
        new(run, EventStatus.Open | EventStatus.Failed | EventStatus.DeadLettered)
        {
            Status = EventStatus.Completed,
            Reason = notEnrichedBy,
            TimeToLive = timeToLive,
            Entries = entries,
        };

    /// <summary>A permanent failure.</summary>
    /// <param name="run">The failed run.</param>
    /// <param name="reason">A short name that groups alike.</param>
    /// <param name="entries">What happened on the way, oldest first; at most three.</param>
    public static RecordPatch Failed(int run, string reason, ImmutableArray<TimelineEntry> entries) =>
        new(run, EventStatus.Open) { Status = EventStatus.Failed, Reason = reason, Entries = entries };

    /// <summary>A dead letter of the enrichment subscription.</summary>
    /// <param name="run">The run that the letter belongs to.</param>
    /// <param name="reason">Event Grid's reason.</param>
    /// <param name="entry">What the timeline gains.</param>
    public static RecordPatch DeadLettered(int run, string reason, TimelineEntry entry) =>
        new(run, EventStatus.Open) { Status = EventStatus.DeadLettered, Reason = reason, Entries = [entry] };

    /// <summary>Something that happened beside the run's way, such as a consumer's dead letter: on any record, but told once.</summary>
    /// <param name="entry">What the timeline gains: the same whenever the same thing is told.</param>
    public static RecordPatch EntryRecorded(TimelineEntry entry) =>
        new(entry.Run, EventStatus.Open | EventStatus.Final) { IsNote = true, Entries = [entry] };

    /// <summary>A replay: a new run, which the relay publishes.</summary>
    /// <param name="run">The run that is over.</param>
    /// <param name="entry">What the timeline gains; of the new run.</param>
    /// <param name="relayAt">When the relay may publish: now.</param>
    public static RecordPatch Replayed(int run, TimelineEntry entry, DateTimeOffset relayAt) =>
        new(run, EventStatus.Final)
        {
            Status = EventStatus.Recorded,
            SparesErased = true,
            StartsRun = true,
            RelayAt = relayAt,
            RelayFailures = 0,
            Entries = [entry],
        };

    /// <summary>An administrator wants to hear no more of a failure.</summary>
    /// <param name="run">The failed run.</param>
    /// <param name="entry">What the timeline gains.</param>
    /// <param name="timeToLive">How long the record is kept from now on; null for ever.</param>
    public static RecordPatch Dismissed(int run, TimelineEntry entry, TimeSpan? timeToLive) =>
        new(run, EventStatus.Failure) { Dismisses = true, TimeToLive = timeToLive, Entries = [entry] };

    /// <summary>A dismissed failure is brought back, and kept for as long as it is open.</summary>
    /// <param name="run">The failed run.</param>
    /// <param name="entry">What the timeline gains.</param>
    public static RecordPatch Restored(int run, TimelineEntry entry) => new(run, EventStatus.Failure) { Dismisses = false, Entries = [entry] };

    /// <summary>Erases the event's content, in any status; no run begins after this.</summary>
    /// <param name="run">The run the record is in.</param>
    /// <param name="entry">What the timeline gains.</param>
    public static RecordPatch Erased(int run, TimelineEntry entry) =>
        new(run, EventStatus.Open | EventStatus.Final) { Erases = true, SparesErased = true, Entries = [entry] };

    /// <summary>A publication is known not to have got through, or the relay has settled when it looks again.</summary>
    /// <param name="run">The published run.</param>
    /// <param name="relayAt">When the relay may publish again.</param>
    /// <param name="relayFailures">How often in a row the relay was not heard; null keeps the count.</param>
    /// <param name="entry">What the timeline gains, if anything.</param>
    public static RecordPatch RelayLater(int run, DateTimeOffset relayAt, int? relayFailures, TimelineEntry? entry) =>
        new(run, EventStatus.Open) { RelayAt = relayAt, RelayFailures = relayFailures, Entries = entry is null ? [] : [entry] };

    /// <summary>The relay has done what the ended run left.</summary>
    /// <param name="record">The record as it was read.</param>
    public static RecordPatch PartsDone(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Run, record.Status) { NeedsParts = true, EndsParts = true };
    }

    /// <summary>The relay could not do what the ended run left.</summary>
    /// <param name="record">The record as it was read.</param>
    /// <param name="relayAt">When the relay tries again.</param>
    /// <param name="relayFailures">How often in a row it could not.</param>
    public static RecordPatch PartsDeferred(EventRecord record, DateTimeOffset relayAt, int relayFailures)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Run, record.Status) { NeedsParts = true, RelayAt = relayAt, RelayFailures = relayFailures };
    }

    /// <summary>Returns the patch of a final status with parts left to the relay; this one if no part is left.</summary>
    /// <param name="parts">What is left.</param>
    /// <param name="relayAt">When the relay does it.</param>
    public RecordPatch Leaving(EventParts parts, DateTimeOffset relayAt) =>
        parts == EventParts.None ? this : this with { Pending = parts, RelayAt = relayAt };

    /// <summary>Returns the patch that applies only if the timeline does not yet have its first entry, at any time.</summary>
    public RecordPatch Once() => this with { IsOnce = true };

    /// <summary>Whether the predicate holds.</summary>
    /// <param name="record">The record as it stands.</param>
    public bool AppliesTo(EventRecord record) =>
        IsNote
            ? !record.Timeline.Contains(Entries[0])
            : record.Run == Run && (record.Status & From) != 0 && record.Dismissed != Dismisses && !(SparesErased && record.Erased)
                && !(NeedsParts && record.Pending == EventParts.None) && !(IsOnce && record.Timeline.Any(IsFirstEntry));

    private bool IsFirstEntry(TimelineEntry entry) => entry with { At = Entries[0].At } == Entries[0];

    /// <summary>Works out the changed record: the definition that every store follows.</summary>
    /// <param name="record">The record as it stands.</param>
    /// <param name="changed">The record after the patch, where it applies.</param>
    /// <returns>Whether the predicate held.</returns>
    public bool TryApply(EventRecord record, [NotNullWhen(true)] out EventRecord? changed)
    {
        if (!AppliesTo(record))
        {
            changed = null;
            return false;
        }

        changed = record with
        {
            RelayAt = RelayAt ?? record.RelayAt,
            RelayFailures = RelayFailures ?? record.RelayFailures,
            Attempts = CountsAttempt ? record.Attempts + 1 : record.Attempts,
            Timeline = Records.Timeline.Append(record.Timeline, Entries.AsSpan()),
        };
        if (Status is { } status)
        {
            changed = changed with
            {
                Status = status,
                Reason = Reason,
                TimeToLive = TimeToLive,
                RelayAt = (status & EventStatus.Final) != 0 ? Pending == EventParts.None ? null : RelayAt : changed.RelayAt,
                Pending = Pending,
            };
        }

        if (EndsParts)
        {
            changed = changed with { Pending = EventParts.None, RelayAt = null };
        }

        if (Dismisses is { } dismisses)
        {
            changed = changed with { Dismissed = dismisses, TimeToLive = TimeToLive };
        }
        else if (EndsFailure)
        {
            changed = changed with { Dismissed = false };
        }

        if (Erases)
        {
            changed = changed with { Erased = true, Event = changed.Event with { Data = null } };
        }

        if (StartsRun)
        {
            changed = changed with { Run = record.Run + 1, Attempts = 0 };
        }

        return true;
    }
}
