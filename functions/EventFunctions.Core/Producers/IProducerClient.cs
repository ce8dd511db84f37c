using EventFunctions.Records;

namespace EventFunctions.Producers;

/// <summary>Fetches full data from a producer.</summary>
public interface IProducerClient
{
    /// <summary>Fetches a URL within the producer's timeout and size limit, and never outside its base URL.</summary>
    /// <param name="producer">Whose data it is.</param>
    /// <param name="url">A normalised absolute URL under the producer's base URL.</param>
    /// <param name="cancellationToken">Ends the fetch.</param>
    /// <exception cref="FetchException">The data could not be had.</exception>
    Task<FetchedData> FetchAsync(Producer producer, Uri url, CancellationToken cancellationToken);
}

/// <summary>What a producer answered.</summary>
/// <param name="Url">Where it was in the end, after redirects.</param>
/// <param name="ContentType">The <c>Content-Type</c>, if any.</param>
/// <param name="ETag">The <c>ETag</c> with its quotes, if any.</param>
/// <param name="Body">The body after content decoding.</param>
public sealed record FetchedData(Uri Url, string? ContentType, string? ETag, ReadOnlyMemory<byte> Body);

/// <summary>Full data could not be fetched.</summary>
public sealed class FetchException(string reason, bool permanent, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>A short name that groups alike, one of <see cref="FailureReason"/>.</summary>
    public string Reason { get; } = reason;

    /// <summary>Whether another attempt would meet the same answer.</summary>
    public bool Permanent { get; } = permanent;

    /// <summary>When the producer asks to be left alone until; null where it does not.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}
