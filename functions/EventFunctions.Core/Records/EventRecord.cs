using System.Collections.Immutable;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records;

/// <summary>The stored document of one event: its attributes, status, and timeline.</summary>
public sealed record EventRecord
{
    // Recording and fetching are told by the clocks of two instances; and what an expired record left is older by days.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    /// <summary>The event as its producer sent it.</summary>
    public required EventNotification Event { get; init; }

    /// <summary>The name of the producer that owns the event's source.</summary>
    public required string Producer { get; init; }

    /// <summary>What the event is about; null where it has no subject and its producer's rules find none.</summary>
    public EntityKey? Entity { get; init; }

    /// <summary>Whether the event makes an entity: whether its producer's definition asked for it when the event was recorded.</summary>
    public bool Linked { get; init; }

    /// <summary>Whether the event says that its subject was deleted: no full data is fetched for it.</summary>
    public bool Deletion { get; init; }

    /// <summary>
    /// Whether the event's own data is the full data of its first run, which then stores no data item. Decided when the event is recorded, so
    /// that all attempts agree; a replay decides anew, and stores an item.
    /// </summary>
    public bool OwnData { get; init; }

    /// <summary>SHA-256 over what the producer sent, in lower-case hex: tells a repeat from a conflict.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>When the event became durable, UTC, in whole milliseconds.</summary>
    public required DateTimeOffset RecordedAt { get; init => field = UtcMilliseconds.Cut(value); }

    /// <summary>Where the current run stands.</summary>
    public required EventStatus Status { get; init; }

    /// <summary>The current run: 0 at intake, one more for each replay.</summary>
    public int Run { get; init; }

    /// <summary>Why the run failed, was filtered, or was completed without full data, as a short name that groups alike; null elsewhere.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether an administrator wants to hear no more of the failure; false where the run did not fail.</summary>
    public bool Dismissed { get; init; }

    /// <summary>Whether the event's content was erased; its timeline stays.</summary>
    public bool Erased { get; init; }

    /// <summary>What the current run left to the relay, although it ended.</summary>
    public EventParts Pending { get; init; }

    /// <summary>When the relay may publish the event again, or finish its <see cref="Pending"/> parts; null if it must not.</summary>
    public DateTimeOffset? RelayAt { get; init => field = value is { } at ? UtcMilliseconds.Cut(at) : null; }

    /// <summary>The number of failed publications of this run by the relay after the last successful one.</summary>
    public int RelayFailures { get; init; }

    /// <summary>How many attempts of this run did not finish.</summary>
    public int Attempts { get; init; }

    /// <summary>How long after its last write the store may forget the record; null means never.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>What happened, oldest first; at most <see cref="Timeline.Capacity"/> entries.</summary>
    public required ImmutableArray<TimelineEntry> Timeline { get; init; }

    /// <summary>Data fetched for an event of this key before this time, UTC, belongs to an earlier record that has expired.</summary>
    public DateTimeOffset DataSince => RecordedAt - ClockTolerance;

    /// <summary>When a run began, UTC: when the event was recorded or replayed.</summary>
    /// <param name="run">The run.</param>
    public DateTimeOffset BegunAt(int run) => Timeline.LastOrDefault(entry => entry.What == TimelineStep.Replayed && entry.Run == run)?.At ?? RecordedAt;

    /// <summary>When the event happened, UTC: its <c>time</c>, else when it was recorded.</summary>
    public DateTimeOffset OccurredAt => EventTime.TryParse(Event.Time)?.Instant ?? RecordedAt;

    /// <summary>
    /// Returns the event as it is published in a run: as its producer sent it, except for its trace. If the producer sent no trace, or the
    /// run is a replay, the event has the trace of the run's start.
    /// </summary>
    /// <param name="run">The run.</param>
    public EventNotification PublishedIn(int run) =>
        TraceOf(run) is { } trace ? Event with { TraceParent = trace, TraceState = null } : Event;

    /// <summary>Returns the W3C <c>traceparent</c> under which a run is published; null without a trace.</summary>
    /// <param name="run">The run.</param>
    public string? TraceParentOf(int run) => TraceOf(run) ?? Event.TraceParent;

    /// <summary>
    /// Returns the newest run that completed with full data; null if there is none. It is found in the timeline, which only grows, because
    /// a replay resets the status.
    /// </summary>
    public int? EnrichedRun
    {
        get
        {
            int? latest = null;
            foreach (var entry in Timeline)
            {
                if (entry.What == TimelineStep.Completed && (latest is null || entry.Run > latest)
                    && Timeline.Any(other => other.What == TimelineStep.Fetched && other.Run == entry.Run))
                {
                    latest = entry.Run;
                }
            }

            return latest;
        }
    }

    private string? TraceOf(int run)
    {
        foreach (var entry in Timeline)
        {
            if (entry.Run == run && entry.TraceParent is { } trace)
            {
                return trace;
            }
        }

        return null;
    }

    /// <summary>Who the event is.</summary>
    public EventKey Key => Event.Key;
}
