using System.Diagnostics;

namespace EventFunctions.Records;

/// <summary>One thing that happened to an event, in the append-only list that its record keeps.</summary>
/// <param name="At">When it happened, UTC, in whole milliseconds.</param>
/// <param name="What">What happened: one of <see cref="TimelineStep"/>.</param>
/// <param name="Run">The run it belongs to, counted from 0.</param>
public sealed record TimelineEntry(DateTimeOffset At, string What, int Run = 0)
{
    /// <summary>When it happened, UTC, in whole milliseconds.</summary>
    public DateTimeOffset At { get; init => field = UtcMilliseconds.Cut(value); } = UtcMilliseconds.Cut(At);

    /// <summary>What a person wants to know about it; never payload or secrets.</summary>
    public string? Detail { get; init; }

    /// <summary>The number of the attempt, counted from 1, if there may be several.</summary>
    public int? Attempt { get; init; }

    /// <summary>The W3C trace ID under which it happened.</summary>
    public string? TraceId { get; init; }

    /// <summary>
    /// The W3C <c>traceparent</c> that all copies of the run carry, in the entry that began the run; null where the producer
    /// sent one of its own, or nothing was traced.
    /// </summary>
    public string? TraceParent { get; init; }

    /// <summary>The entry as the beginning of a run in a trace of its own.</summary>
    /// <param name="traceParent">A W3C <c>traceparent</c>.</param>
    internal TimelineEntry Under(string traceParent) =>
        this with { TraceParent = traceParent, TraceId = ActivityContext.Parse(traceParent, null).TraceId.ToHexString() };

    /// <summary>How many entries were folded into this one, where the timeline ran full.</summary>
    public int? Count { get; init; }
}

/// <summary>The names of what a timeline tells.</summary>
internal static class TimelineStep
{
    /// <summary>The event became durable.</summary>
    public const string Recorded = "recorded";

    /// <summary>Optional attributes of the accepted event break a rule of CloudEvents' syntax.</summary>
    public const string Irregular = "irregular";

    /// <summary>The producer's rules keep the event from being published.</summary>
    public const string Filtered = "filtered";

    /// <summary>A publication was tried and did not get through.</summary>
    public const string PublishFailed = "publishFailed";

    /// <summary>The relay published the event again.</summary>
    public const string Relayed = "relayed";

    /// <summary>Event Grid delivered the event to the enrichment.</summary>
    public const string Delivered = "delivered";

    /// <summary>An attempt to enrich the event did not finish; it will be tried again.</summary>
    public const string AttemptFailed = "attemptFailed";

    /// <summary>The producer's full data was fetched.</summary>
    public const string Fetched = "fetched";

    /// <summary>The enriched event is published and the run has ended.</summary>
    public const string Completed = "completed";

    /// <summary>A permanent failure ended the run.</summary>
    public const string Failed = "failed";

    /// <summary>Event Grid gave up on the event.</summary>
    public const string DeadLettered = "deadLettered";

    /// <summary>Event Grid gave up delivering the event, or its enriched event, to a consumer; the run goes its way.</summary>
    public const string ConsumerDeadLettered = "consumerDeadLettered";

    /// <summary>A replay began a new run.</summary>
    public const string Replayed = "replayed";

    /// <summary>An administrator dismissed the failure.</summary>
    public const string Dismissed = "dismissed";

    /// <summary>An administrator brought the dismissed failure back.</summary>
    public const string Restored = "restored";

    /// <summary>The event's content was erased.</summary>
    public const string Erased = "erased";
}
