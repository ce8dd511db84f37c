using EventFunctions.Webhooks.Deliveries;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Delivers to a customer's webhook what a message names.</summary>
public sealed class DeliverEvent(EventDelivery delivery)
{
    /// <summary>Runs for each message; the message comes again when this throws.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(DeliverEvent))]
    public Task RunAsync([QueueTrigger(EventDelivery.Queue, Connection = "AzureWebJobsStorage")] string message, CancellationToken cancellationToken) =>
        delivery.DeliverAsync(message, cancellationToken);
}
