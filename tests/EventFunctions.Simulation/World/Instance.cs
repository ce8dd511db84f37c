using EventFunctions.Jobs;
using EventFunctions.Simulation.Machine;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Simulation.World;

/// <summary>One life of one instance of the service. When it dies, what it was doing ends where it was.</summary>
internal sealed class Instance : IDisposable
{
    private readonly List<Action> _waiting = [];
    private readonly CancellationTokenSource _stopping = new();

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

    /// <summary>Whether it runs the next version of the service.</summary>
    public bool IsNewer { get; init; }

    public ThreadScheduler Scheduler { get; }

    public SimulatedClock Clock { get; }

    public IServiceProvider Services { get; set; } = null!;

    public bool IsAlive => !Scheduler.IsDead;

    /// <summary>Is cancelled when the instance is told to stop.</summary>
    public CancellationToken Stopping => _stopping.Token;

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

    /// <summary>Tells the instance to stop, as a host does.</summary>
    public void Stop() => Scheduler.Start(async () =>
    {
        _stopping.Cancel();
        await Get<BackgroundWork>().DisposeAsync();
        await Get<EventDispatch>().DisposeAsync();
    });

    public void Dispose() => _stopping.Dispose();

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
