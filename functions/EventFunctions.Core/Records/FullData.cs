using System.Collections.Immutable;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records;

/// <summary>
/// The full data that one run fetched from the producer, frozen: everything the enriched event carries is here, so that
/// a repeated publication is identical.
/// </summary>
public sealed record FullData
{
    /// <summary>The event it belongs to.</summary>
    public required EventKey Key { get; init; }

    /// <summary>The run that fetched it, counted from 0.</summary>
    public required int Run { get; init; }

    /// <summary>The event's <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The event's <c>subject</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>W3C <c>traceparent</c> of the attempt that fetched it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the attempt that fetched it.</summary>
    public string? TraceState { get; init; }

    /// <summary>When it was fetched, UTC, in whole milliseconds.</summary>
    public required DateTimeOffset FetchedAt { get; init => field = UtcMilliseconds.Cut(value); }

    /// <summary>The URL it was fetched from, after redirects; empty if it is the event's own data.</summary>
    public required string Url { get; init; }

    /// <summary>The producer's <c>Content-Type</c>; null where it sent none.</summary>
    public string? ContentType { get; init; }

    /// <summary>The producer's <c>ETag</c>, with its quotes; null where it sent none.</summary>
    public string? ETag { get; init; }

    /// <summary>The bytes the producer sent, after content decoding.</summary>
    public required EventContent Content { get; init; }

    /// <summary>The data of an earlier event of the same entity; null if there is none.</summary>
    internal PreviousData? Previous { get; init; }

    /// <summary>Whether this is the mark that stands where erased data was, or would come; its content is empty.</summary>
    public bool Erased { get; init; }

    /// <summary>How long the store keeps it; null means for ever.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// Returns the full data of a run that stores no data item because it is the event's own (see <see cref="EventRecord.OwnData"/>): made of
    /// the record alone, and each time the same. Null for other runs, and for a run that ended without full data.
    /// </summary>
    /// <param name="record">The event.</param>
    /// <param name="run">The run.</param>
    public static FullData? OwnOf(EventRecord record, int run)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (run != 0 || record is not { OwnData: true, Erased: false, Event.Data: { } data } || EndedWithoutData(record.Timeline, run))
        {
            return null;
        }

        var published = record.PublishedIn(run);
        return new FullData
        {
            Key = record.Key,
            Run = run,
            Type = published.Type,
            Subject = published.Subject,
            TraceParent = published.TraceParent,
            TraceState = published.TraceState,
            FetchedAt = record.RecordedAt,
            Url = "",
            ContentType = published.DataContentType ?? ContentTypeOf(data),
            Content = data,
        };
    }

    /// <summary>Returns the content type of an event's data if the event names no content type.</summary>
    internal static string? ContentTypeOf(EventContent data) => data.Kind == ContentKind.Json ? "application/json" : null;

    private static bool EndedWithoutData(ImmutableArray<TimelineEntry> timeline, int run) =>
        timeline.Any(entry => entry.Run == run && entry.What is TimelineStep.Completed or TimelineStep.Failed)
        && !timeline.Any(entry => entry.Run == run && entry.What == TimelineStep.Fetched);

    /// <summary>
    /// Creates the mark of erased data. It occupies the place of the data, so that an attempt in progress cannot store it.
    /// </summary>
    /// <param name="record">The event.</param>
    /// <param name="run">The run.</param>
    /// <param name="at">When it was erased.</param>
    public static FullData Erasure(EventRecord record, int run, DateTimeOffset at) => new()
    {
        Key = record.Key,
        Run = run,
        Type = record.Event.Type,
        Subject = record.Event.Subject,
        FetchedAt = at,
        Url = "",
        Content = new EventContent(ContentKind.Binary, default),
        Erased = true,
        TimeToLive = record.TimeToLive < TimeToLiveOfErasure ? record.TimeToLive : TimeToLiveOfErasure,
    };

    /// <summary>
    /// Whether this belongs to a record, rather than to an earlier one of the same key that has expired. Such data is not the
    /// event's, and its place is free.
    /// </summary>
    /// <param name="record">The record that is there now.</param>
    public bool IsOf(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return FetchedAt >= record.DataSince;
    }

    // Longer than any delivery of the event can still be under way; after that, or when the record is gone, nobody asks any more.
    private static readonly TimeSpan TimeToLiveOfErasure = TimeSpan.FromDays(30);
}
