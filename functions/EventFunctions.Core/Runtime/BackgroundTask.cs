namespace EventFunctions.Runtime;

/// <summary>Starts work that runs beside its caller, on the caller's task scheduler: the thread pool, or the simulation's only thread.</summary>
internal static class BackgroundTask
{
    /// <summary>Starts work.</summary>
    /// <param name="work">The work.</param>
    /// <returns>Completes with the work.</returns>
    public static Task Start(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current).Unwrap();

    /// <summary>Starts work that does not belong to the caller: it gets neither the caller's trace nor the rest of its turn on the thread.</summary>
    /// <param name="work">The work.</param>
    /// <param name="state">What the work gets.</param>
    public static void StartDetached<TState>(Action<TState> work, TState state)
        where TState : class
    {
        if (TaskScheduler.Current == TaskScheduler.Default)
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, state, preferLocal: true);
        }
        else
        {
            Task.Factory.StartNew(() => work(state), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }
    }

    /// <summary>Returns options of parallel work on the caller's task scheduler.</summary>
    /// <param name="most">How many run at the same time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static ParallelOptions InParallel(int most, CancellationToken cancellationToken) =>
        new() { MaxDegreeOfParallelism = most, CancellationToken = cancellationToken, TaskScheduler = TaskScheduler.Current };
}
