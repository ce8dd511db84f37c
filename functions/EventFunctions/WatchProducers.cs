using EventFunctions.Monitoring;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Notices that expected events did not come, and that they come again.</summary>
public sealed class WatchProducers(ProducerWatch watch)
{
    // curl http://localhost:7071/admin/functions/WatchProducers -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>MonitorSchedule</c>.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(WatchProducers))]
    public Task RunAsync([TimerTrigger("%MonitorSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        watch.LookAsync(cancellationToken);
}
