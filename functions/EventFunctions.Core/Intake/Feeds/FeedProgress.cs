using EventFunctions.Producers;
using EventFunctions.Storage;

namespace EventFunctions.Intake.Feeds;

/// <summary>How the reading of a feed goes.</summary>
/// <param name="LastEventId">The ID of the last event that is durable; null at the beginning.</param>
/// <param name="ReadAt">When it was last read to its end, or as far as the time went; null before the first.</param>
/// <param name="HasMore">Whether there was more than that time was enough for.</param>
/// <param name="Failures">How many attempts in a row have failed.</param>
/// <param name="Error">Why the last one did; null where it did not.</param>
/// <param name="RetryAt">When it is tried again after a failure.</param>
/// <param name="PausedUntil">Until when the producer's quota delays the next page; null if it does not.</param>
public sealed record FeedProgress(
    string? LastEventId, DateTimeOffset? ReadAt, bool HasMore, int Failures, string? Error, DateTimeOffset? RetryAt, DateTimeOffset? PausedUntil = null);

/// <summary>Reads how the reading of feeds goes.</summary>
public sealed class FeedProgressReader(IDocumentStore store)
{
    /// <summary>Returns the progress of a producer's feed; null without a feed.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<FeedProgress?> ReadAsync(Producer producer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(producer);
        if (producer.Feed is not { } feed)
        {
            return null;
        }

        var (state, _) = await FeedLease.FindAsync(store, producer.Name, feed.Url, cancellationToken);
        return new(state.LastEventId, state.ReadAt, state.HasMore, state.Failures, state.Error, state.RetryAt, state.PausedUntil);
    }
}
