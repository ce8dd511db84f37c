namespace EventFunctions.Local.EventGrid;

/// <summary>Takes the events of one delivery without a request, and returns the status that the endpoint would respond with.</summary>
/// <param name="events">The events in the delivery schema.</param>
/// <param name="cancellationToken">Ends the attempt.</param>
public delegate Task<int> OwnEndpoint(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken);
