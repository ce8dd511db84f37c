using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>How webhooks are delivered to; the settings below <c>Deliveries:</c>.</summary>
public sealed record DeliveryOptions
{
    /// <summary>How long after a delivery should have been tried it is queued again, its message being lost; it doubles each time, up to 32 times as long.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan QueueAgainAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After how many failures in a row an endpoint is left alone.</summary>
    [Range(1, 1_000)]
    public int BreakAfter { get; init; } = 3;

    /// <summary>The first delay; it doubles each time that the next attempt also fails.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan BreakTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "06:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxBreakTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>After how long without one success an endpoint's webhook is disabled.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "90.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan DisableAfter { get; init; } = TimeSpan.FromDays(5);

    /// <summary>How long a finished delivery can be read and sent again.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>After which time a tick takes no new page, and leaves the rest to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TickBudget { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How many deliveries are written at once.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentWrites { get; init; } = 128;

    /// <summary>
    /// How many first attempts may be in progress beside the functions that recorded their deliveries; other deliveries are queued. 0 on platforms
    /// that may freeze an instance once a function has returned.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxSentBeside { get; init; }
}
