using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Publication;

/// <summary>Options for when the relay publishes recorded events again.</summary>
public sealed record RelayOptions
{
    /// <summary>
    /// How long Event Grid tries to deliver to the enrichment: the subscription's <c>eventTimeToLiveInMinutes</c>. Until
    /// then an event that Event Grid took is Event Grid's to deliver.
    /// </summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan SubscriptionTimeToLive { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The delay after the first publication that was not taken; it doubles with each one more.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest delay.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The most events that are read at once.</summary>
    [Range(1, 10_000)]
    public int PageSize { get; init; } = 500;

    /// <summary>About how many bytes of encoded events a page should have: pages of large events hold fewer of them.</summary>
    [Range(1_000, 1_000_000_000)]
    public int PageBytes { get; init; } = 16_000_000;

    /// <summary>How many records are changed at once.</summary>
    [Range(1, 10_000)]
    public int MaxConcurrentPatches { get; init; } = 128;

    /// <summary>After which time a tick begins no new page, and leaves the rest to the next.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan TickBudget { get; init; } = TimeSpan.FromSeconds(50);

    // A dead letter is written about five minutes after the last attempt, and clocks differ.
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>When an event that Event Grid has taken, or is delivering, may be published again.</summary>
    /// <param name="at">When it was published or delivered.</param>
    public DateTimeOffset AfterDelivery(DateTimeOffset at) => at + SubscriptionTimeToLive + Grace;

    /// <summary>All delays together after a number of publications in a row that were not taken.</summary>
    /// <param name="failures">How many; 0 or more.</param>
    public TimeSpan DelaysUpTo(int failures)
    {
        var total = TimeSpan.Zero;
        var failure = 1;
        for (; failure <= failures && DelayAfter(failure) < MaxDelay; failure++)
        {
            total += DelayAfter(failure);
        }

        return total + ((failures - failure + 1) * MaxDelay);
    }

    /// <summary>The delay after a number of publications in a row that were not taken.</summary>
    /// <param name="failures">How many; at least 1.</param>
    public TimeSpan DelayAfter(int failures)
    {
        var doublings = Math.Min(failures - 1, 30);
        var ticks = RetryAfter.Ticks * Math.Pow(2, doublings);
        return ticks >= MaxDelay.Ticks ? MaxDelay : TimeSpan.FromTicks((long)ticks);
    }
}
