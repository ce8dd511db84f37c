using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Jobs;

/// <summary>How jobs are worked on; the settings below <c>Jobs:</c>.</summary>
public sealed record JobOptions
{
    /// <summary>How long a holder that is not heard of keeps a job; longer than a page of events takes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>After which time a tick takes no new page, and leaves the rest to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TickBudget { get; init; } = TimeSpan.FromSeconds(50);

    /// <summary>How many jobs may be waiting or running at once; another one is refused.</summary>
    [Range(1, 1_000)]
    public int MaxActive { get; init; } = 20;

    /// <summary>How many events per second the jobs, replays and resends of an instance publish together.</summary>
    [Range(1, 100_000)]
    public int MaxRate { get; init; } = 1_000;
}
