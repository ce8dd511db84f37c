using Azure.Messaging;
using EventFunctions.Http;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Writes down and queues what is to be delivered to customers' webhooks.</summary>
public sealed class DispatchEvents(EventDispatch dispatch)
{
    // curl http://localhost:7071/runtime/webhooks/EventGrid?functionName=DispatchEvents \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents-batch+json' -d '[{"specversion":"1.0",
    //   "id":"1:enriched","source":"/insurance/policies","type":"policy.renewed.enriched"}]'
    /// <summary>Runs for the events of one delivery; Event Grid delivers them again when this throws.</summary>
    /// <param name="delivered">The events.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(DispatchEvents))]
    public async Task RunAsync([EventGridTrigger(IsBatched = true)] CloudEvent[] delivered, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        if (await dispatch.IsWantedAsync(cancellationToken))
        {
            await dispatch.DispatchAsync([.. delivered.Select(TopicEvent.Read).Select(DispatchedEvent.Of).OfType<DispatchedEvent>()], cancellationToken);
        }
    }
}
