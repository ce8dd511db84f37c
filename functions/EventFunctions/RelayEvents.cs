using EventFunctions.Publication;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Publishes again what was recorded and is not known to have been delivered.</summary>
public sealed class RelayEvents(EventRelay relay)
{
    // curl http://localhost:7071/admin/functions/RelayEvents -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>RelaySchedule</c>.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(RelayEvents))]
    public Task RunAsync([TimerTrigger("%RelaySchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        relay.RunAsync(cancellationToken);
}
