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

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
