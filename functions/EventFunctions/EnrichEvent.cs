using System.Globalization;
using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Brings events that Event Grid delivers to completion.</summary>
public sealed class EnrichEvent(EventEnrichment enrichment)
{
    // curl http://localhost:7071/runtime/webhooks/EventGrid?functionName=EnrichEvent \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0",
    //   "id":"1","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}'
    /// <summary>Runs for each delivered event; Event Grid delivers it again when this throws.</summary>
    /// <param name="delivered">The event.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(EnrichEvent))]
    public Task RunAsync([EventGridTrigger] CloudEvent delivered, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivered);
        return enrichment.EnrichAsync(
            new DeliveredEvent
            {
                Id = delivered.Id,
                Source = delivered.Source,
                Type = delivered.Type,
                Subject = delivered.Subject,
                DataRef = Extension("dataref"),
                Run = int.TryParse(Extension("replay"), NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : 0,
                TraceParent = Extension("traceparent"),
                TraceState = Extension("tracestate"),
            },
            cancellationToken);

        string? Extension(string name) => delivered.ExtensionAttributes.TryGetValue(name, out var value) ? value.ToString() : null;
    }
}
