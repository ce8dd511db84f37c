using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Streams;

/// <summary>Opens streams of changes.</summary>
public sealed class EventStreams(IEventStore store, ChangeHub hub, TimeProvider time, IOptions<StreamOptions> options)
{
    /// <summary>Opens a stream.</summary>
    /// <param name="cursor">The store's cursor to go on from; null begins now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where this instance has as many as it may.</returns>
    /// <exception cref="InvalidContinuationException">The cursor is not one that the store gave.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<StreamReading?> OpenAsync(string? cursor, CancellationToken cancellationToken)
    {
        var place = hub.TryOpen();
        if (place is null)
        {
            return null;
        }

        try
        {
            var stream = new StreamReading(store, hub, place, time, options.Value);
            await stream.BeginAsync(cursor, cancellationToken);
            return stream;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }
}
