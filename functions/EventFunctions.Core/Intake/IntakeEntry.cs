using System.Diagnostics;
using EventFunctions.Records;
using EventFunctions.Telemetry;

namespace EventFunctions.Intake;

/// <summary>One event on its way through intake.</summary>
/// <param name="record">What is to be recorded.</param>
/// <param name="encoded">What is to be published.</param>
/// <param name="span">Its span; null while nobody listens.</param>
internal sealed class IntakeEntry(EventRecord record, ReadOnlyMemory<byte> encoded, Activity? span)
{
    public EventRecord Record => record;

    public ReadOnlyMemory<byte> Encoded => encoded;

    public Activity? Span => span;

    public bool IsPublished => record.Status == EventStatus.Recorded;

    public bool IsNew { get; set; }

    /// <summary>Tells metrics and trace what the event turned out to be.</summary>
    public void Report(IntakeVerdict verdict, EventMetrics? metrics)
    {
        switch (verdict)
        {
            case IntakeVerdict.Accepted:
                metrics?.Accepted(record.Producer, record.Status);
                break;
            case IntakeVerdict.Duplicate:
                metrics?.Repeated(record.Producer);
                span?.SetTag("eventfunctions.duplicate", true);
                break;
            default:
                metrics?.Refused(RefusalReasonName.Conflict);
                EventTracing.Fail(span, RefusalReasonName.Conflict);
                break;
        }
    }
}
