using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Monitoring;

/// <summary>When an expected event is missing.</summary>
public sealed record MonitoringOptions
{
    /// <summary>How much later than expected an event may come: for clocks that differ, and for the way into the store.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The longest time between two looks that still is one watch: after a longer one the service was down, could not be
    /// sent anything, and every expectation begins anew. After a shorter one an event may come as much later as nobody
    /// looked although it was time to. Longer than the interval of <c>MonitorSchedule</c>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxGap { get; init; } = TimeSpan.FromMinutes(5);
}
