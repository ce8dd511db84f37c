using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Intake;

/// <summary>Reports what intake decided to metrics, traces and the log.</summary>
public sealed class IntakeReport(EventMetrics metrics, RefusalLog refusals, TimeProvider time, ILogger<EventIntake> logger)
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private long _loggedAt;

    /// <summary>Reports one event that was rejected, or whose result is known.</summary>
    internal void Report(IntakeItem item)
    {
        if (item.IsRejected)
        {
            var refusal = item.Refusals[0];
            var reason = RefusalReasonName.Of(refusal.Reason);
            metrics.Refused(reason);
            refusals.Record($"an event ({reason})", refusal.Detail);
            EventTracing.Fail(item.Span, reason);
            return;
        }

        switch (item.Outcome?.Verdict)
        {
            case IntakeVerdict.Accepted:
                metrics.Accepted(item.Record!.Producer, item.Record.Status);
                break;
            case IntakeVerdict.Duplicate:
                metrics.Repeated(item.Record!.Producer);
                item.Span?.SetTag("eventfunctions.duplicate", true);
                break;
            case IntakeVerdict.Conflict:
                metrics.Refused(RefusalReasonName.Conflict);
                refusals.Record($"an event ({RefusalReasonName.Conflict})", $"The event \"{item.Event.Id}\" of \"{item.Event.Source}\" is recorded with other content.");
                EventTracing.Fail(item.Span, RefusalReasonName.Conflict);
                break;
        }
    }

    /// <summary>Logs at most once a minute that the store is unavailable.</summary>
    internal void Report(StoreUnavailableException failure)
    {
        var last = Volatile.Read(ref _loggedAt);
        var now = time.GetTimestamp();
        if ((last == 0 || time.GetElapsedTime(last, now) >= LogInterval) && Interlocked.CompareExchange(ref _loggedAt, now, last) == last)
        {
            logger.LogError("Returning 503: the store is unavailable ({Reason})", failure.Message);
        }
    }
}
