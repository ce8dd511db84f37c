using Azure.Messaging;
using EventFunctions.Publication.DeadLetters;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Brings what Event Grid could not deliver back into the records.</summary>
public sealed class RecordDeadLetters(DeadLetterRecorder recorder)
{
    // curl http://localhost:7071/runtime/webhooks/EventGrid?functionName=RecordDeadLetters \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0",
    //   "id":"1","source":"/storage","type":"Microsoft.Storage.BlobCreated","data":{"url":
    //   "http://127.0.0.1:10000/devstoreaccount1/deadletters-enrichment/ENRICHMENT/2026/8/8/5/1.json"}}'
    /// <summary>Runs for each blob that Event Grid writes dead letters to; the storage account tells again when this throws.</summary>
    /// <param name="created">The storage account's event.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(RecordDeadLetters))]
    public Task RunAsync([EventGridTrigger] CloudEvent created, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(created);
        return recorder.RecordAsync(created.Type, created.Data?.ToMemory() ?? default, cancellationToken);
    }
}
