namespace EventFunctions.Cli.Costs;

/// <summary>Measures a group of functions, whose executions share as few instances as their concurrency allows.</summary>
/// <param name="concurrency">Executions that run on one instance at once.</param>
/// <param name="cold">How much longer the first execution of an instance takes.</param>
internal sealed class GroupMeter(int concurrency, TimeSpan cold)
{
    private readonly List<InstanceMeter> _instances = [];
    private long _executions;

    /// <summary>Runs an execution; executions begin in order.</summary>
    public void Run(double start, TimeSpan duration)
    {
        var instance = _instances.Find(i => i.RunningAt(start) < concurrency);
        if (instance is null)
        {
            instance = new InstanceMeter(cold.TotalSeconds);
            _instances.Add(instance);
        }

        instance.Run(start, duration.TotalSeconds);
        _executions++;
    }

    /// <summary>Returns the measurements.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="scale">How often the measured period fits into a month.</param>
    public GroupUsage Close(string group, double scale)
    {
        _instances.ForEach(instance => instance.Close());
        return new GroupUsage(
            group,
            _executions * scale,
            _instances.Sum(i => i.BilledSeconds) * scale,
            _instances.Sum(i => i.AliveSeconds) * scale,
            _instances.Sum(i => i.ColdStarts) * scale,
            _instances.Sum(i => i.RegistryReads) * scale);
    }
}
