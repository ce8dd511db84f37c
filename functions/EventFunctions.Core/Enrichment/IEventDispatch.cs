using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Enrichment;

/// <summary>Dispatches events to customers' webhooks. Both calls may be repeated: existing deliveries stay as they are.</summary>
public interface IEventDispatch
{
    /// <summary>Records a delivery of the event that its producer sent for each webhook that matches.</summary>
    /// <param name="record">The event.</param>
    /// <param name="attempts">Gains the first attempts to deliver, in progress; null sends all deliveries through the queue.</param>
    /// <param name="cancellationToken">Ends the recording, not the attempts.</param>
    /// <exception cref="StoreUnavailableException">Not every delivery is recorded.</exception>
    Task DispatchAsync(EventRecord record, ICollection<Task>? attempts, CancellationToken cancellationToken);

    /// <summary>Records a delivery of the enriched event for each webhook that matches.</summary>
    /// <param name="data">The full data.</param>
    /// <param name="attempts">Gains the first attempts to deliver, in progress; null sends all deliveries through the queue.</param>
    /// <param name="cancellationToken">Ends the recording, not the attempts.</param>
    /// <exception cref="StoreUnavailableException">Not every delivery is recorded.</exception>
    Task DispatchAsync(FullData data, ICollection<Task>? attempts, CancellationToken cancellationToken);
}
