namespace EventFunctions.Simulation.Machine;

/// <summary>The task scheduler of one process on the simulated thread. When the process dies, nothing of it runs any more.</summary>
internal sealed class ThreadScheduler(SimulatedThread thread) : TaskScheduler
{
    public bool IsDead { get; private set; }

    public void Kill() => IsDead = true;

    /// <summary>Starts work of the process.</summary>
    public void Start(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    public void Start(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    internal void Execute(Task task)
    {
        if (!IsDead)
        {
            TryExecuteTask(task);
        }
    }

    protected override void QueueTask(Task task)
    {
        if (!IsDead)
        {
            thread.Queue(this, task);
        }
    }

    // Mostly a method returns to its caller at once, as it does on the thread pool; at times something else comes between.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && !IsDead && Current == this && thread.ReturnsAtOnce() && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
