namespace EventFunctions.Monitoring;

/// <summary>How an expectation was watched.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Gaps">When nobody looked since, oldest first.</param>
internal sealed record Watched(DateTimeOffset Since, IReadOnlyList<WatchGap> Gaps)
{
    /// <summary>Returns how long since a moment the service was, as far as is known, unable to receive events.</summary>
    /// <param name="begin">The moment.</param>
    public TimeSpan DownSince(DateTimeOffset begin)
    {
        var down = TimeSpan.Zero;
        foreach (var gap in Gaps)
        {
            if (MonitorTime.Parse(gap.End) - begin is var since && since > TimeSpan.Zero)
            {
                down += since < TimeSpan.FromTicks(gap.Ticks) ? since : TimeSpan.FromTicks(gap.Ticks);
            }
        }

        return down;
    }
}
