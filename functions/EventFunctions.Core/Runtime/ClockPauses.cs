namespace EventFunctions.Runtime;

/// <summary>Pauses on a clock.</summary>
public static class ClockPauses
{
    /// <summary>
    /// Pauses at least as long as asked. <see cref="Task.Delay(TimeSpan, TimeProvider)"/> drops fractions of a millisecond, so that a loop that
    /// waits for the rest of an interval would spin.
    /// </summary>
    /// <param name="time">The clock.</param>
    /// <param name="atLeast">How long.</param>
    /// <param name="cancellationToken">Ends the pause.</param>
    public static Task PauseAsync(this TimeProvider time, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(atLeast.TotalMilliseconds)), time, cancellationToken);
    }
}
