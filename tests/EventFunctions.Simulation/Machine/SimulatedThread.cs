namespace EventFunctions.Simulation.Machine;

/// <summary>
/// The only thread of a simulated world. What is ready runs in an order that the seed chooses; when nothing is ready, time jumps to the
/// next thing that is due.
/// </summary>
internal sealed class SimulatedThread(Chance choices, DateTimeOffset start)
{
    /// <summary>A world that takes more does not end: some work repeats without end.</summary>
    public const long MostSteps = 300_000;

    private readonly List<(ThreadScheduler? Scheduler, Task? Task, Action? Action)> _ready = [];
    private readonly PriorityQueue<DueWork, (long Due, long Number)> _due = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private long _number;

    /// <summary>The world's true time.</summary>
    public DateTimeOffset Now { get; private set; } = start;

    /// <summary>How much has run.</summary>
    public long Steps { get; private set; }

    /// <summary>The first thing that reached past the scheduler; null if nothing did.</summary>
    public string? Escape { get; private set; }

    /// <summary>Runs something when the seed chooses it.</summary>
    public void Post(Action action) => _ready.Add((null, null, action));

    /// <summary>Runs something after a while.</summary>
    public DueWork After(TimeSpan delay, Action action)
    {
        var due = (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).Ticks;
        var work = new DueWork(action, due);
        _due.Enqueue(work, (due, _number++));
        return work;
    }

    /// <summary>Runs until nothing is left, the time is over, or the condition holds.</summary>
    /// <returns>Whether the condition holds.</returns>
    public bool Run(DateTimeOffset until, Func<bool> isOver)
    {
        while (true)
        {
            while (_ready.Count > 0)
            {
                if (Steps > MostSteps)
                {
                    return false;
                }

                var index = _ready.Count == 1 ? 0 : choices.Next(_ready.Count);
                var (scheduler, task, action) = _ready[index];
                _ready[index] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
                Steps++;
                if (task is null)
                {
                    action!();
                }
                else
                {
                    scheduler!.Execute(task);
                }
            }

            if (Steps > MostSteps)
            {
                return false;
            }

            if (isOver())
            {
                return true;
            }

            if (!_due.TryPeek(out _, out var next) || next.Due > until.Ticks)
            {
                Now = until > Now ? until : Now;
                return false;
            }

            var work = _due.Dequeue();
            if (work.Action is { } due)
            {
                Now = next.Due > Now.Ticks ? new DateTimeOffset(next.Due, TimeSpan.Zero) : Now;
                Steps++;
                due();
            }
        }
    }

    internal bool ReturnsAtOnce() => Environment.CurrentManagedThreadId == _thread && choices.Next(8) > 0;

    internal void Queue(ThreadScheduler scheduler, Task task)
    {
        if (Environment.CurrentManagedThreadId == _thread)
        {
            _ready.Add((scheduler, task, null));
        }
        else
        {
            Escape ??= Environment.StackTrace.ReplaceLineEndings(" ");
        }
    }
}

/// <summary>Work that is due at a time.</summary>
internal sealed class DueWork(Action action, long due)
{
    public Action? Action { get; private set; } = action;

    public long Due => due;

    public void Cancel() => Action = null;
}
