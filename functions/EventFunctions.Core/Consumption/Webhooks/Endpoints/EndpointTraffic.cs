namespace EventFunctions.Consumption.Webhooks.Endpoints;

/// <summary>Paces what goes to one endpoint from this instance, and spreads what has to come back later. Not thread-safe.</summary>
internal sealed class EndpointTraffic
{
    // What weight the newest delivery has in how long one takes.
    private const double Weight = 0.2;

    private static readonly TimeSpan FirstGuess = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SoonestReturn = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LatestReturn = TimeSpan.FromMinutes(1);

    private TimeSpan _typical = FirstGuess;
    private DateTimeOffset _nextStart;
    private DateTimeOffset _lastReturn;

    /// <summary>A delivery had its slot for so long.</summary>
    public void Took(TimeSpan duration) => _typical = (_typical * (1 - Weight)) + (duration * Weight);

    /// <summary>How long who comes next would wait for a slot.</summary>
    /// <param name="waiting">How many wait already.</param>
    /// <param name="slots">How many slots there are.</param>
    public TimeSpan WaitFor(int waiting, int slots) => slots == 0 ? TimeSpan.MaxValue : _typical * (waiting + 1) / slots;

    /// <summary>The time at which the next delivery may start, which is then taken.</summary>
    /// <param name="now">The time.</param>
    /// <param name="interval">How long starts lie apart.</param>
    /// <param name="maxWait">How long the delivery would wait.</param>
    /// <returns>Null where that is too long.</returns>
    public DateTimeOffset? Start(DateTimeOffset now, TimeSpan interval, TimeSpan maxWait)
    {
        var start = _nextStart > now ? _nextStart : now;
        if (start - now > maxWait)
        {
            return null;
        }

        _nextStart = start + interval;
        return start;
    }

    /// <summary>When a delivery that cannot start is to come back: one after the other, as the endpoint can take them.</summary>
    /// <param name="now">The time.</param>
    /// <param name="leftAloneUntil">Until when nothing starts; null where that is not known.</param>
    /// <param name="interval">How long starts lie apart.</param>
    /// <param name="slots">How many slots there are.</param>
    public TimeSpan ComeBackIn(DateTimeOffset now, DateTimeOffset? leftAloneUntil, TimeSpan interval, int slots)
    {
        var perSlot = _typical / Math.Max(slots, 1);
        var soonest = leftAloneUntil > now ? leftAloneUntil.Value : now + SoonestReturn;
        var next = _lastReturn + (perSlot > interval ? perSlot : interval);
        _lastReturn = next < soonest ? soonest : next > soonest + LatestReturn ? soonest + LatestReturn : next;
        return _lastReturn - now;
    }
}
