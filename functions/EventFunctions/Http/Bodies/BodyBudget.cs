namespace EventFunctions.Http;

/// <summary>Limits the bytes that request bodies hold together and the time that each may take to arrive.</summary>
/// <param name="maxBytes">The bytes.</param>
/// <param name="timeout">The time.</param>
/// <param name="time">The clock.</param>
internal sealed class BodyBudget(long maxBytes, TimeSpan timeout, TimeProvider time)
{
    private long _held;

    /// <summary>The budget of administrators' calls, which are few: only their time is limited.</summary>
    public static BodyBudget Unbounded { get; } = new(long.MaxValue, TimeSpan.FromSeconds(20), TimeProvider.System);

    /// <summary>How many bytes are held now.</summary>
    public long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>The time that a body may take to arrive.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Begins to hold the body of a request.</summary>
    public BodyHold Hold() => new(this);

    /// <summary>Calls back when the time limit of a body that starts to arrive now has passed.</summary>
    public ITimer CallBackWhenOver(Action callback) =>
        time.CreateTimer(static state => ((Action)state!)(), callback, timeout, System.Threading.Timeout.InfiniteTimeSpan);

    /// <summary>Takes bytes, or returns them if the number is negative.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= maxBytes || bytes < 0)
        {
            return true;
        }

        Interlocked.Add(ref _held, -bytes);
        return false;
    }
}
