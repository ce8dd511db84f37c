using EventFunctions.Intake.Feeds;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Pulls events from the feeds of producers that offer one.</summary>
public sealed class PullEvents(FeedPull feeds)
{
    // curl http://localhost:7071/admin/functions/PullEvents -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>PullSchedule</c>, and works out which feeds are due by their own.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(PullEvents))]
    public Task RunAsync([TimerTrigger("%PullSchedule%")] TimerInfo timer, CancellationToken cancellationToken) => feeds.RunAsync(cancellationToken);
}
