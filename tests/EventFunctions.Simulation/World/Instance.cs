using EventFunctions.Simulation.Machine;

namespace EventFunctions.Simulation.World;

/// <summary>One life of one instance of the service. When it dies, what it was doing ends where it was.</summary>
internal sealed class Instance
{
    private readonly List<Action> _waiting = [];

    public Instance(SimulatedThread thread, int number, int life)
    {
        Name = life == 0 ? $"instance{number}" : $"instance{number}.{life}";
        (Number, Life) = (number, life);
        Scheduler = new ThreadScheduler(thread);
        Clock = new SimulatedClock(thread, Scheduler);
    }

    public string Name { get; }

    public int Number { get; }

    public int Life { get; }

    public ThreadScheduler Scheduler { get; }

    public SimulatedClock Clock { get; }

    public IServiceProvider Services { get; set; } = null!;

    public bool IsAlive => !Scheduler.IsDead;

    /// <summary>Returns a service.</summary>
    public T Get<T>()
        where T : class => (T)(Services.GetService(typeof(T)) ?? throw new InvalidOperationException($"{typeof(T)} is not registered."));

    /// <summary>Calls the instance from outside, as a host does.</summary>
    /// <exception cref="InstanceDiedException">The instance died meanwhile.</exception>
    public Task<T> CallAsync<T>(Func<Task<T>> work)
    {
        var answer = new TaskCompletionSource<T>();
        if (!IsAlive)
        {
            answer.SetException(new InstanceDiedException());
            return answer.Task;
        }

        void Hear() => answer.TrySetException(new InstanceDiedException());
        _waiting.Add(Hear);
        Scheduler.Start(async () =>
        {
            try
            {
                var result = await work();
                _waiting.Remove(Hear);
                answer.TrySetResult(result);
            }
            catch (Exception e)
            {
                _waiting.Remove(Hear);
                answer.TrySetException(e);
            }
        });
        return answer.Task;
    }

    public Task CallAsync(Func<Task> work) => CallAsync(async () =>
    {
        await work();
        return true;
    });

    public void Die()
    {
        Scheduler.Kill();
        foreach (var hear in _waiting.ToList())
        {
            hear();
        }

        _waiting.Clear();
    }
}

/// <summary>The instance that was called died.</summary>
internal sealed class InstanceDiedException() : Exception("The instance died.");
