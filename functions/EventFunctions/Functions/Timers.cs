using EventFunctions.Entities;
using EventFunctions.Intake.Feeds;
using EventFunctions.Jobs;
using EventFunctions.Monitoring;
using EventFunctions.Publication;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Runs on schedules.</summary>
public sealed class Timers(EventRelay relay, FeedPull feeds, ProducerWatch watch, DeliveryRequeue requeue, EntityRebuild rebuild, JobRunner runner)
{
    /// <summary>Publishes recorded events again that are not known to have been delivered.</summary>
    // curl http://localhost:7071/admin/functions/RelayEvents -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(RelayEvents))]
    public Task RelayEvents([TimerTrigger("%RelaySchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        relay.RunAsync(cancellationToken);

    /// <summary>Pulls events from the feeds of producers that offer one.</summary>
    // curl http://localhost:7071/admin/functions/PullEvents -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(PullEvents))]
    public Task PullEvents([TimerTrigger("%PullSchedule%")] TimerInfo timer, CancellationToken cancellationToken) => feeds.RunAsync(cancellationToken);

    /// <summary>Notices that expected events did not come, and that they come again.</summary>
    // curl http://localhost:7071/admin/functions/WatchProducers -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(WatchProducers))]
    public Task WatchProducers([TimerTrigger("%MonitorSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        watch.LookAsync(cancellationToken);

    /// <summary>Requeues deliveries to customers' webhooks that lost their message.</summary>
    // curl http://localhost:7071/admin/functions/QueueDeliveries -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(QueueDeliveries))]
    public Task QueueDeliveries([TimerTrigger("%DeliverySchedule%")] TimerInfo timer, CancellationToken cancellationToken) => requeue.RunAsync(cancellationToken);

    /// <summary>Continues a rebuild of the entities, if one was requested.</summary>
    // curl http://localhost:7071/admin/functions/ContinueRebuild -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(ContinueRebuild))]
    public Task ContinueRebuild([TimerTrigger("%RebuildSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        rebuild.ContinueAsync(cancellationToken);

    /// <summary>Works on the jobs that administrators asked for.</summary>
    // curl http://localhost:7071/admin/functions/RunReplays -H 'Content-Type: application/json' -d '{}'
    [Function(nameof(RunReplays))]
    public Task RunReplays([TimerTrigger("%ReplaySchedule%")] TimerInfo timer, CancellationToken cancellationToken) => runner.RunAsync(cancellationToken);
}
