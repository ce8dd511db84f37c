namespace EventFunctions.Cli.Costs;

/// <summary>When requests arrive.</summary>
internal static class ArrivalTimes
{
    // Fixed, so that the same command always prints the same costs.
    private const int Seed = 14;

    private const double BurstSeconds = 1;

    /// <summary>Returns the arrival of each request in seconds, in order.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="seconds">The period that they are spread over.</param>
    /// <param name="burstSize">How many requests are in a burst.</param>
    public static IEnumerable<double> Of(ArrivalPattern pattern, long count, double seconds, int burstSize)
    {
        var random = new Random(Seed);
        var interval = seconds / count;
        var burst = interval * burstSize;
        var inBurst = Math.Min(BurstSeconds, burst) / burstSize;
        var at = 0d;
        for (var i = 0L; i < count; i++)
        {
            at = pattern switch
            {
                ArrivalPattern.Even => i * interval,
                ArrivalPattern.Bursts => (i / burstSize * burst) + (i % burstSize * inBurst),
                _ => at - (Math.Log(1 - random.NextDouble()) * interval),
            };
            yield return at;
        }
    }
}
