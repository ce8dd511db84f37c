using System.Collections.Immutable;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>When a delivery that failed is tried again: eight attempts in all, over a little more than a day.</summary>
internal static class DeliverySchedule
{
    // So much of a delay may be added or taken away, so that what failed together does not come back together.
    private const double Jitter = 0.1;

    // Nobody is waited for longer, whatever they ask.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(1);

    /// <summary>The delays after the first attempt, the second, and so on.</summary>
    public static ImmutableArray<TimeSpan> Delays { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(10),
    ];

    /// <summary>How long after an attempt that failed the next one follows.</summary>
    /// <param name="tries">How often it was tried: 1 after the first attempt.</param>
    /// <param name="retryAfter">How long the endpoint asks to be left alone.</param>
    /// <param name="chance">A random number from 0 to 1.</param>
    /// <returns>Null where it is tried no more.</returns>
    public static TimeSpan? DelayAfter(int tries, TimeSpan? retryAfter, double chance)
    {
        if (tries > Delays.Length)
        {
            return null;
        }

        var delay = Delays[tries - 1] * (1 - Jitter + (2 * Jitter * chance));
        var asked = retryAfter > MaxRetryAfter ? MaxRetryAfter : retryAfter ?? TimeSpan.Zero;
        return asked > delay ? asked : delay;
    }
}
