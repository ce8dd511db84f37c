namespace EventFunctions.Infra.Tests.Upload;

/// <summary>A time in which every wait is over at once.</summary>
internal sealed class SkippedTime : TimeProvider
{
    private readonly DateTimeOffset _start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private TimeSpan _passed;

    /// <summary>How long was waited for.</summary>
    public TimeSpan Passed => _passed;

    public override DateTimeOffset GetUtcNow() => _start + _passed;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _passed += dueTime;
        return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
