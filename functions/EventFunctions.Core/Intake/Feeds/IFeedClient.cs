using EventFunctions.Producers;

namespace EventFunctions.Intake.Feeds;

/// <summary>Reads pages of producers' feeds by the HTTP Feeds convention (http-feeds.org).</summary>
public interface IFeedClient
{
    /// <summary>Reads a page, within the producer's timeout and never outside its base URL.</summary>
    /// <param name="producer">Whose feed it is.</param>
    /// <param name="url">The page: a normalised absolute URL under the producer's base URL.</param>
    /// <param name="etag">The ETag of the page as it is known; null where it is not.</param>
    /// <param name="maxBytes">The most bytes that the page may have after content decoding.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="FetchException">The page could not be had.</exception>
    Task<FeedResponse> ReadAsync(Producer producer, Uri url, string? etag, int maxBytes, CancellationToken cancellationToken);
}

/// <summary>What a feed answered.</summary>
/// <param name="Body">The page after content decoding; null where it is as it was known (304).</param>
/// <param name="ContentType">The <c>Content-Type</c>, if any.</param>
/// <param name="ETag">The <c>ETag</c> with its quotes, if any.</param>
/// <param name="LastEventId">The <c>Last-Event-ID</c>: where the next page begins; null where the last event's ID tells, as the convention has it.</param>
public sealed record FeedResponse(ReadOnlyMemory<byte>? Body, string? ContentType, string? ETag, string? LastEventId = null);
