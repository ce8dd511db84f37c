using EventFunctions.Ticks;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Runs on a schedule.</summary>
public sealed class Timers(ServiceTick tick)
{
    /// <summary>Does all due work: relays events, pulls feeds, notices missing events, requeues deliveries, works on jobs.</summary>
    // curl http://localhost:7071/admin/functions/Tick -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(Tick))]
    public Task Tick([TimerTrigger("%TickSchedule%")] TimerInfo timer, CancellationToken cancellationToken) => tick.RunAsync(cancellationToken);
}
