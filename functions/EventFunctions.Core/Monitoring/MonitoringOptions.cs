using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Monitoring;

/// <summary>When an expected event is missing.</summary>
public sealed record MonitoringOptions
{
    /// <summary>How much later than expected an event may come: for clocks that differ, and for the way into the store.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest gap between two checks that continues one watch. After a longer one the service was down and could not receive events,
    /// so every expectation starts again; after a shorter one, events may arrive later by the length of the gap. Must be longer than the
    /// interval of <c>TickSchedule</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxGap { get; init; } = TimeSpan.FromMinutes(5);
}
