using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry;

namespace EventFunctions.Intake;

/// <summary>Carries one event through intake: what the rules found out, and what the steps made of it.</summary>
internal sealed class IntakeItem(int index, EventNotification notification)
{
    private List<IntakeRefusal>? _refusals;

    public int Index => index;

    public EventNotification Event => notification;

    /// <summary>What the timeline says about the event's reading; null for nothing.</summary>
    public string? Remark { get; init; }

    /// <summary>The owner of the event's source; null if the source is not registered.</summary>
    public Producer? Producer { get; set; }

    /// <summary>Whether the producer's events must come with one of its keys.</summary>
    public bool RequiresKey { get; set; }

    /// <summary>What the schema checks of the whole request may still cost; null if there is no limit.</summary>
    public SchemaBudget? Budget { get; set; }

    public PreparedEvent? Prepared { get; set; }

    /// <summary>The event in the form in which it is published.</summary>
    public ReadOnlyMemory<byte> Encoded { get; private set; }

    /// <summary>The W3C <c>traceparent</c> of the request; null if the event has its own.</summary>
    public string? TraceParent { get; private set; }

    public string? TraceId { get; private set; }

    public Activity? Span { get; private set; }

    public IReadOnlyList<IntakeRefusal> Refusals => _refusals ?? [];

    public bool IsRejected => _refusals is not null;

    public EventRecord? Record { get; set; }

    /// <summary>Whether this request created the record.</summary>
    public bool IsNew { get; set; }

    public bool MustPublish => IsNew && Record!.Status == EventStatus.Recorded;

    /// <summary>The result; null until it is known.</summary>
    public IntakeOutcome? Outcome { get; set; }

    /// <summary>Why the result is not known.</summary>
    public StoreUnavailableException? Failure { get; set; }

    /// <summary>Starts the event's span and encodes the event with its trace.</summary>
    public void Encode(string topic)
    {
        Span = EventTracing.Accept(notification, topic);
        var current = Span ?? Activity.Current;
        TraceId = current?.TraceId.ToHexString();

        // A producer's own trace stays. The tracestate of the request belongs to the systems on the way here, and ends with it.
        TraceParent = notification.TraceParent is null && current is { IdFormat: ActivityIdFormat.W3C } ? current.Id : null;
        Encoded = EventEncoder.EncodeForTopic(TraceParent is null ? notification : notification with { TraceParent = TraceParent, TraceState = null }, run: 0);
    }

    public RuleResult Reject(RefusalReason reason, string? attribute, string detail)
    {
        Add(new IntakeRefusal(index, reason, attribute, detail));
        return RuleResult.RejectEvent;
    }

    public void Add(IntakeRefusal refusal) => (_refusals ??= []).Add(refusal);

    public void Accept() => Outcome = new IntakeOutcome(index, Record!.Key, IntakeVerdict.Accepted, Record.Status);
}
