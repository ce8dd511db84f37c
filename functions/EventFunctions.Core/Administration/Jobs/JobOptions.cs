using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Administration.Jobs;

/// <summary>How jobs are worked on; the settings below <c>Jobs:</c>.</summary>
public sealed record JobOptions
{
    /// <summary>How long a holder that is not heard of keeps a job; longer than a page of events takes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>After which time a tick takes no new page, and leaves the rest to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TickBudget { get; init; } = TimeSpan.FromSeconds(50);
}
