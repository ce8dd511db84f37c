namespace EventFunctions.Webhooks.Endpoints;

/// <summary>
/// Paces deliveries from this instance to one endpoint. A deferred delivery gets a place in a queue that moves as fast as the endpoint
/// accepts deliveries.
/// </summary>
internal sealed class EndpointPacing
{
    /// <summary>
    /// The longest that a line is: what would stand behind that comes back within it. Queues keep messages for longer, but how fast
    /// an endpoint will be is not known for longer, and the instance that knows of a line may be gone.
    /// </summary>
    public static readonly TimeSpan LongestLine = TimeSpan.FromHours(1);

    // What weight the newest delivery has in how long one takes.
    private const double Weight = 0.2;

    private static readonly TimeSpan FirstGuess = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SoonestReturn = TimeSpan.FromSeconds(1);

    // Less than is waited for a slot, so that who stands in line does not get in the way of who stands behind.
    private static readonly TimeSpan MaxJitter = TimeSpan.FromMilliseconds(100);

    // How long what was begun is counted, and what comes back so soon is left to come by itself.
    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private TimeSpan _typical = FirstGuess;
    private DateTimeOffset _nextStart;
    private DateTimeOffset _endOfLine;
    private DateTimeOffset _countedSince;
    private int _begun;

    /// <summary>A delivery had its slot for so long.</summary>
    public void Took(TimeSpan duration)
    {
        lock (_lock)
        {
            _typical = (_typical * (1 - Weight)) + (duration * Weight);
        }
    }

    /// <summary>How long who comes next would wait for a slot.</summary>
    /// <param name="waiting">How many wait already.</param>
    /// <param name="slots">How many slots there are.</param>
    public TimeSpan WaitFor(int waiting, int slots)
    {
        lock (_lock)
        {
            return _typical * (waiting + 1) / slots;
        }
    }

    /// <summary>The time at which the next delivery may start, which is then taken.</summary>
    /// <param name="now">The time.</param>
    /// <param name="interval">How long starts lie apart.</param>
    /// <param name="maxWait">How long the delivery would wait.</param>
    /// <returns>Null where that is too long.</returns>
    public DateTimeOffset? Start(DateTimeOffset now, TimeSpan interval, TimeSpan maxWait)
    {
        lock (_lock)
        {
            var start = _nextStart > now ? _nextStart : now;
            if (start - now > maxWait)
            {
                return null;
            }

            _begun++;
            _nextStart = start + interval;
            return start;
        }
    }

    /// <summary>When a delivery that cannot start is to come back: at its place in the line, which is then taken.</summary>
    /// <param name="now">The time.</param>
    /// <param name="leftAloneUntil">Until when nothing starts; null where that is not known.</param>
    /// <param name="interval">How long starts lie apart.</param>
    /// <param name="slots">How many slots there are.</param>
    /// <param name="chance">A random number from 0 to 1, so that instances do not come back in step.</param>
    public TimeSpan ComeBackIn(DateTimeOffset now, DateTimeOffset? leftAloneUntil, TimeSpan interval, int slots, double chance)
    {
        lock (_lock)
        {
            var step = StepOf(interval, slots);
            var begin = leftAloneUntil > now ? leftAloneUntil.Value : now + SoonestReturn;
            var place = _endOfLine + step;
            if (place - begin > LongestLine)
            {
                return begin - now + (LongestLine * ((1 + chance) / 2));
            }

            _endOfLine = place < begin ? begin : place;
            return _endOfLine - now + ((step < MaxJitter ? step : MaxJitter) * chance);
        }
    }

    /// <summary>How many more deliveries could begin now, where less was begun lately than can be although some stand in line for later.</summary>
    /// <param name="now">The time.</param>
    /// <param name="interval">How long starts lie apart.</param>
    /// <param name="slots">How many slots there are.</param>
    /// <returns>0 where there is nothing to hurry, or it was asked a moment ago.</returns>
    public int Spare(DateTimeOffset now, TimeSpan interval, int slots)
    {
        lock (_lock)
        {
            var counted = now - _countedSince;
            if (_endOfLine - now < Soon || counted < Counted)
            {
                return 0;
            }

            var step = StepOf(interval, slots);
            var isIdle = step * _begun < counted / 2;
            (_countedSince, _begun) = (now, 0);
            return isIdle ? Math.Max((int)(Counted / step), 1) : 0;
        }
    }

    /// <summary>Empties the queue.</summary>
    /// <param name="now">The time.</param>
    public void EndLine(DateTimeOffset now)
    {
        lock (_lock)
        {
            _endOfLine = now;
        }
    }

    private TimeSpan StepOf(TimeSpan interval, int slots)
    {
        var perSlot = _typical / slots;
        return perSlot > interval ? perSlot : interval;
    }
}
