using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Ticks;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Runs for each event that Event Grid delivers, and each message of a queue.</summary>
public sealed class Handlers(
    EventEnrichment enrichment, EventDelivery delivery, DeadLetterRecorder recorder, OverdueTick overdue)
{
    /// <summary>Brings an event that Event Grid delivers to completion: webhooks, full data, enriched event.</summary>
    // curl http://localhost:7071/runtime/webhooks/EventGrid?functionName=EnrichEvent \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0",
    //   "id":"1","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}'
    [Function(nameof(EnrichEvent))]
    public Task EnrichEvent([EventGridTrigger] CloudEvent delivered, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        overdue.Check();
        return enrichment.EnrichAsync(DeliveredEvent.Of(TopicEvent.Read(delivered)), cancellationToken);
    }

    /// <summary>Delivers to a customer's webhook what a message names.</summary>
    [Function(nameof(DeliverEvent))]
    public Task DeliverEvent([QueueTrigger(EventDelivery.Queue, Connection = "AzureWebJobsStorage")] string message, CancellationToken cancellationToken) =>
        delivery.DeliverAsync(message, cancellationToken);

    /// <summary>Brings what Event Grid could not deliver back into the records.</summary>
    // curl http://localhost:7071/runtime/webhooks/EventGrid?functionName=RecordDeadLetters \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0",
    //   "id":"1","source":"/storage","type":"Microsoft.Storage.BlobCreated","data":{"url":
    //   "http://127.0.0.1:10000/devstoreaccount1/deadletters-enrichment/ENRICHMENT/2026/8/8/5/1.json"}}'
    [Function(nameof(RecordDeadLetters))]
    public Task RecordDeadLetters([EventGridTrigger] CloudEvent created, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(created);
        return recorder.RecordAsync(created.Type, created.Data?.ToMemory() ?? default, cancellationToken);
    }
}
