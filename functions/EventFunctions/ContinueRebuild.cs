using EventFunctions.Entities;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Goes on with a rebuild of the entities, if one was asked for.</summary>
public sealed class ContinueRebuild(EntityRebuild rebuild)
{
    // curl http://localhost:7071/admin/functions/ContinueRebuild -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>RebuildSchedule</c>.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(ContinueRebuild))]
    public Task RunAsync([TimerTrigger("%RebuildSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        rebuild.ContinueAsync(cancellationToken);
}
