using EventFunctions.Webhooks.Deliveries;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Queues again what is to be delivered to customers' webhooks and has lost its message.</summary>
public sealed class QueueDeliveries(DeliveryRequeue requeue)
{
    // curl http://localhost:7071/admin/functions/QueueDeliveries -H 'Content-Type: application/json' -d '{}'
    /// <summary>Runs on the schedule of the setting <c>DeliverySchedule</c>.</summary>
    /// <param name="timer">The tick.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(QueueDeliveries))]
    public Task RunAsync([TimerTrigger("%DeliverySchedule%")] TimerInfo timer, CancellationToken cancellationToken) => requeue.RunAsync(cancellationToken);
}
