using System.Diagnostics.Metrics;

namespace EventFunctions.Events;

/// <summary>
/// What alerts watch, on the meter <see cref="MeterName"/>: <c>eventfunctions.relay.backlog.age</c>, in seconds, and
/// <c>eventfunctions.enrichments.failed</c>, by <c>reason</c>.
/// </summary>
public sealed class EventMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "EventFunctions";

    // Recorded, not observed: an instance on which the relay's timer runs no more must not go on telling what it saw last.
    private readonly Gauge<double> _backlogAge;
    private readonly Counter<long> _failed;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">The host's meters; null where the host has none, as in tests.</param>
    public EventMetrics(IMeterFactory? meters = null)
    {
        var meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _backlogAge = meter.CreateGauge<double>(
            "eventfunctions.relay.backlog.age", "s", "How long the event that has waited longest has been due for the relay; 0 when none is.");
        _failed = meter.CreateCounter<long>("eventfunctions.enrichments.failed", "{event}", "Events that failed for good.");
    }

    /// <summary>The relay has looked for what is due.</summary>
    /// <param name="age">How long the event that has waited longest has been due.</param>
    public void RelayFound(TimeSpan age) => _backlogAge.Record(age.TotalSeconds);

    /// <summary>An event failed for good.</summary>
    /// <param name="reason">One of <see cref="FailureReason"/>.</param>
    public void Failed(string reason) => _failed.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
