using System.Reflection;
using System.Runtime.ExceptionServices;
using EventFunctions.Simulation.Machine;
using EventFunctions.Simulation.World;

namespace EventFunctions.Tests.Stores;

/// <summary>The simulated network without faults: what an instance reaches through it must be the store itself.</summary>
internal sealed class CalmNetwork
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SimulatedThread _thread = new(Chance.Of(1, 0), Begin);
    private readonly Lock _lock = new();

    public CalmNetwork()
    {
        Network = new Network(_thread, Faults, new Trace(tells: false), (_, _) => { });
        Caller = new Instance(_thread, 0, 0);
    }

    public Faults Faults { get; } = new(new Scenario(1)) { AreOn = false };

    public Network Network { get; }

    public Instance Caller { get; }

    /// <summary>Returns a port whose calls let the simulated time pass until they are answered.</summary>
    public T Over<T>(T port)
        where T : class
    {
        var proxy = DispatchProxy.Create<T, Answered>();
        ((Answered)(object)proxy).Call = (method, arguments) =>
        {
            lock (_lock)
            {
                var task = (Task)method.Invoke(port, arguments)!;
                _thread.Run(_thread.Now.AddMinutes(1), () => task.IsCompleted);
                return task;
            }
        };
        return proxy;
    }

    internal class Answered : DispatchProxy
    {
        public Func<MethodInfo, object?[]?, Task> Call { get; set; } = null!;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            try
            {
                return Call(targetMethod!, args);
            }
            catch (TargetInvocationException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
                throw;
            }
        }
    }
}
