using EventFunctions.Intake;
using EventFunctions.Records;
using EventFunctions.Telemetry;

namespace EventFunctions.Http;

/// <summary>Counts and logs requests that bring nothing to accept.</summary>
/// <param name="metrics">Counts them by reason.</param>
/// <param name="log">Logs them by cause.</param>
public sealed class IntakeRefusals(EventMetrics metrics, RefusalLog log)
{
    /// <summary>Records a refused request.</summary>
    /// <param name="reason">The reason, from <see cref="RefusalReasonName"/>.</param>
    /// <param name="cause">What such refusals have in common.</param>
    /// <param name="detail">What is special about this one.</param>
    internal void Record(string reason, string cause, string detail)
    {
        metrics.Refused(reason);
        log.Record(cause, detail);
    }
}
