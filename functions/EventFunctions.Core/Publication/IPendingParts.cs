using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Publication;

/// <summary>Does what ended runs left to the relay.</summary>
public interface IPendingParts
{
    /// <summary>Does all that is <see cref="EventRecord.Pending"/>. It may be repeated.</summary>
    /// <param name="record">The record.</param>
    /// <param name="cancellationToken">Ends the work, which is done again later.</param>
    /// <exception cref="StoreUnavailableException">Something is left.</exception>
    Task RunAsync(EventRecord record, CancellationToken cancellationToken);
}
