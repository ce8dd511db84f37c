namespace EventFunctions.Publication;

/// <summary>Spaces out what the jobs, replays and resends of this instance publish together.</summary>
/// <param name="time">The clock.</param>
/// <param name="maxRate">The limit in events per second.</param>
public sealed class RepublishRate(TimeProvider time, int maxRate)
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _freeAt;

    /// <summary>Reserves the place of events behind all that was reserved before.</summary>
    /// <param name="events">How many.</param>
    /// <returns>How long to wait for it.</returns>
    public TimeSpan Reserve(int events) => TryReserve(events, TimeSpan.MaxValue)!.Value;

    /// <summary>Reserves the place of events if it is near enough.</summary>
    /// <param name="events">How many.</param>
    /// <param name="maxWait">The longest acceptable wait.</param>
    /// <returns>How long to wait for it; null if that is longer, and nothing is reserved.</returns>
    public TimeSpan? TryReserve(int events, TimeSpan maxWait)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var start = _freeAt > now ? _freeAt : now;
            if (start - now > maxWait)
            {
                return null;
            }

            _freeAt = start + TimeSpan.FromSeconds((double)events / maxRate);
            return start - now;
        }
    }

    /// <summary>Waits for the place of one event.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RepublishRateException">The wait would take too long for a request.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var wait = TryReserve(1, MaxWait) ?? throw Exceeded();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }

    /// <summary>Creates the exception with the time of the next attempt.</summary>
    public RepublishRateException Exceeded()
    {
        lock (_gate)
        {
            return new RepublishRateException(maxRate, _freeAt - time.GetUtcNow());
        }
    }
}

/// <summary>Thrown if an instance already republishes as much as it may.</summary>
/// <param name="maxRate">The limit in events per second.</param>
/// <param name="retryAfter">When there is room again.</param>
public sealed class RepublishRateException(int maxRate, TimeSpan retryAfter)
    : Exception($"Jobs, replays and resends already use their shared limit of {maxRate} events per second (Jobs:MaxRate).")
{
    /// <summary>When there is room again.</summary>
    public TimeSpan RetryAfter => retryAfter;
}
