using System.Collections.Immutable;
using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Enrichment;

/// <summary>What one attempt to enrich an event has found out so far, and has to tell the timeline.</summary>
internal sealed class EnrichmentAttempt(DeliveredEvent delivered, DateTimeOffset deliveredAt, Activity? span)
{
    // What an expired record left is older by the time that records live at least.
    private static readonly TimeSpan CertainlyOwn = RetentionPolicy.MinTimeToLive / 2;

    private readonly string? _traceId = delivered.TraceId;

    /// <summary>The event; as it was recorded, once its record was read: what carries an event to the function may rewrite texts.</summary>
    public DeliveredEvent Delivered => Record is { } record
        ? delivered with { Type = record.Event.Type, Subject = record.Event.Subject, DataRef = record.Event.DataRef }
        : delivered;

    /// <summary>The attempt's span; null without a listener.</summary>
    public Activity? Span => span;

    /// <summary>The W3C <c>traceparent</c> of the enriched event.</summary>
    public string? TraceParent { get; } = span?.Id ?? delivered.TraceParent ?? Activity.Current?.Id;

    /// <summary>The W3C <c>tracestate</c> that belongs to it.</summary>
    public string? TraceState { get; } = span is not null || delivered.TraceParent is null ? Activity.Current?.TraceStateString : delivered.TraceState;

    public EventKey Key { get; } = delivered.Key;

    public int Run => delivered.Run;

    public DateTimeOffset DeliveredAt { get; } = UtcMilliseconds.Cut(deliveredAt);

    /// <summary>The record; null until it was read.</summary>
    public EventRecord? Record { get; set; }

    /// <summary>The record, where the attempt cannot do without.</summary>
    /// <exception cref="StoreUnavailableException">It could not be read.</exception>
    public EventRecord ReadRecord => Record ?? throw new StoreUnavailableException("The record exists, but cannot be read yet.");

    /// <summary>Whether data that was found is the event's own, rather than what an expired record of the same key left behind.</summary>
    /// <param name="data">The data.</param>
    /// <exception cref="StoreUnavailableException">That cannot be told while the record cannot be read.</exception>
    public bool Owns(FullData data) => (Record is null && data.FetchedAt > DeliveredAt - CertainlyOwn) || data.IsOf(ReadRecord);

    /// <summary>
    /// When the data was fetched: never before the event was recorded, because data from before belongs to an expired record, and the clocks
    /// of two instances can differ by more than any tolerance.
    /// </summary>
    /// <param name="now">The time now.</param>
    public DateTimeOffset FetchedAt(DateTimeOffset now) => Record is { } record && record.RecordedAt > now ? record.RecordedAt : now;

    /// <summary>Counted from 1; null where the record could not be read.</summary>
    public int? Number { get; set; }

    /// <summary>Returns whether the record already has an entry for this delivery.</summary>
    public bool IsDeliveryRecorded { get; set; }

    /// <summary>Whether an earlier delivery may have stored the data.</summary>
    public bool MayHaveData { get; set; }

    /// <summary>The event's producer; null if not found yet, or unknown.</summary>
    public Producer? Producer { get; set; }

    /// <summary>The parts that failed and are left to the relay.</summary>
    public EventParts Pending { get; set; }

    /// <summary>The first attempts to deliver to webhooks, in progress. They report no failure here.</summary>
    public List<Task> Sends { get; } = [];

    /// <summary>The run's data if it is the event's own and stored with the record; null if it is not, or the record could not be read.</summary>
    public FullData? OwnData => Record is { } record ? FullData.OwnOf(record, Run) : null;

    /// <summary>The run's data, once it is known.</summary>
    public FullData? Data { get; set; }

    public TimelineEntry DeliveredEntry => Entry(DeliveredAt, TimelineStep.Delivered);

    public TimelineEntry Entry(DateTimeOffset at, string what, string? detail = null) =>
        new(at, what, Run) { Attempt = Number, Detail = detail, TraceId = _traceId };

    /// <summary>All that the record does not know yet, oldest first, up to an entry that ends the run.</summary>
    public ImmutableArray<TimelineEntry> EntriesUpTo(TimelineEntry last)
    {
        var entries = ImmutableArray.CreateBuilder<TimelineEntry>(3);
        if (!IsDeliveryRecorded)
        {
            entries.Add(DeliveredEntry);
        }

        if (Data is { Erased: false })
        {
            // An earlier attempt that fetched and then broke off could not tell.
            var fetched = FetchedEntry(Data);
            entries.Insert(fetched.At < DeliveredAt ? 0 : entries.Count, fetched);
        }

        entries.Add(last);
        return entries.ToImmutable();
    }

    private TimelineEntry FetchedEntry(FullData data) =>
        new(IsOwn(data) ? DeliveredAt : data.FetchedAt, TimelineStep.Fetched, Run)
        {
            // Queries may hold signatures.
            Detail = IsOwn(data) ? "The event's own data." : data.Url.IndexOf('?', StringComparison.Ordinal) is var query && query < 0 ? data.Url : data.Url[..query],
            TraceId = ActivityContext.TryParse(data.TraceParent, null, out var context) ? context.TraceId.ToHexString() : _traceId,
        };

    private static bool IsOwn(FullData data) => data.Url.Length == 0;
}
