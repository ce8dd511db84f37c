namespace EventFunctions.Simulation.Machine;

/// <summary>The clock of one process: it may be wrong, drift and jump. Its timers run on the process's scheduler.</summary>
internal sealed class SimulatedClock(SimulatedThread thread, ThreadScheduler scheduler) : TimeProvider
{
    private readonly DateTimeOffset _since = thread.Now;

    /// <summary>How far the clock is off.</summary>
    public TimeSpan Offset { get; set; }

    /// <summary>How much faster than the true time it runs.</summary>
    public double Drift { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => thread.Now + Offset + ((thread.Now - _since) * Drift);

    public override long GetTimestamp() => thread.Now.Ticks - _since.Ticks + 1;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        private DueWork? _due;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due?.Cancel();
            _due = null;
            if (dueTime >= TimeSpan.Zero)
            {
                _due = clock.After(dueTime, () => Fire(period));
            }

            return true;
        }

        public void Dispose()
        {
            _due?.Cancel();
            _due = null;
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(TimeSpan period)
        {
            _due = period > TimeSpan.Zero && clock.Runs ? clock.After(period, () => Fire(period)) : null;
            clock.Start(() => callback(state));
        }
    }

    private bool Runs => !scheduler.IsDead;

    private DueWork After(TimeSpan delay, Action action) => thread.After(delay, action);

    private void Start(Action work) => scheduler.Start(work);
}
