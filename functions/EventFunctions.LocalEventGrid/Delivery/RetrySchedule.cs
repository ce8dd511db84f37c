using System.Collections.Immutable;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// When the service tries again, and when it does not: the schedule and the table of failure codes of "Event Grid message
/// delivery and retry".
/// </summary>
internal sealed class RetrySchedule(IReadOnlyList<TimeSpan> delays, double scale, Func<double> random)
{
    // The service adds "a small randomization".
    private const double Jitter = 0.1;

    /// <summary>The service's delays.</summary>
    public static readonly ImmutableArray<TimeSpan> ServiceDelays =
    [
        TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12),
    ];

    /// <summary>Decides the next step of a delivery after a failed attempt.</summary>
    /// <param name="subscription">Whose delivery it is.</param>
    /// <param name="attempted">The delivery with the attempt counted and noted.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="now">The time.</param>
    /// <returns>The delivery with its next time, and a reason if that is the time of its burial.</returns>
    public TopicDelivery Next(Subscription subscription, TopicDelivery attempted, AttemptResult result, DateTimeOffset now)
    {
        if (IsFinal(result.StatusCode, subscription.IsAzureResource))
        {
            return attempted with { DueAt = now, Reason = DeadLetterReason.Undeliverable };
        }

        if (attempted.Attempts >= subscription.MaxDeliveryAttempts)
        {
            return attempted with { DueAt = now, Reason = DeadLetterReason.MaxDeliveryAttemptsExceeded };
        }

        var delay = delays[Math.Min(attempted.Attempts, delays.Count) - 1];
        var atLeast = AtLeast(result.StatusCode, subscription.IsAzureResource);
        return attempted with { DueAt = now + ((delay > atLeast ? delay : atLeast) * (scale * (1 + (Jitter * random())))) };
    }

    private static bool IsFinal(int? status, bool isAzureResource) => status is 400 or 403 or 413 || (status == 401 && !isAzureResource);

    private static TimeSpan AtLeast(int? status, bool isAzureResource) => status switch
    {
        401 or 404 when isAzureResource => TimeSpan.FromMinutes(5),
        408 => TimeSpan.FromMinutes(2),
        503 => TimeSpan.FromSeconds(30),
        // All others "10 seconds or more", which is the schedule's beginning.
        _ => TimeSpan.Zero,
    };
}
