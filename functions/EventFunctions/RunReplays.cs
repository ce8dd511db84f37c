using EventFunctions.Jobs;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Works on the jobs that administrators asked for.</summary>
public sealed class RunReplays(JobRunner runner)
{
    // curl http://localhost:7071/admin/functions/RunReplays -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>ReplaySchedule</c>.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(RunReplays))]
    public Task RunAsync([TimerTrigger("%ReplaySchedule%")] TimerInfo timer, CancellationToken cancellationToken) => runner.RunAsync(cancellationToken);
}
