using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Intake.Feeds;

/// <summary>How producers' feeds are read; the settings below <c>Feeds:</c>.</summary>
internal sealed record FeedsOptions
{
    /// <summary>After which time a tick reads no new page, and leaves the rest to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TickBudget { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How long after its last sign of life an instance that reads a feed is taken for dead.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most bytes that a page may have.</summary>
    [Range(1_000, 50_000_000)]
    public int MaxPageBytes { get; init; } = 4_000_000;

    /// <summary>How many pages, each of another feed, are read at once.</summary>
    [Range(1, 100)]
    public int MaxConcurrentPages { get; init; } = 4;

    /// <summary>The longest that a feed which is due again within the tick is asked to wait for new events; zero never asks.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:19", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LongPoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The delay before a page that failed is read again; it doubles with each failure in a row.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest delay.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The delay after a number of failures in a row.</summary>
    /// <param name="failures">How many; at least 1.</param>
    public TimeSpan DelayAfter(int failures)
    {
        var ticks = RetryAfter.Ticks * Math.Pow(2, Math.Min(failures - 1, 30));
        return ticks >= MaxDelay.Ticks ? MaxDelay : TimeSpan.FromTicks((long)ticks);
    }
}
