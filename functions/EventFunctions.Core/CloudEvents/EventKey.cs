using System.Globalization;

namespace EventFunctions.CloudEvents;

/// <summary>
/// The identity of an event as CloudEvents 1.0 defines it: <c>source</c> and <c>id</c> together. The ID alone is the partition key, so one
/// logical partition has everything about an event ID.
/// </summary>
/// <param name="Source">The CloudEvents <c>source</c>, compared byte by byte.</param>
/// <param name="Id">The CloudEvents <c>id</c>, compared byte by byte.</param>
public readonly record struct EventKey(string Source, string Id)
{
    /// <summary>The stored record's item ID, <c>event-&lt;k&gt;</c>, without the characters that Cosmos DB forbids.</summary>
    public string DocumentId => "event-" + SourceHash;

    /// <summary>The item id of the full data that one run fetched, <c>data-&lt;k&gt;-&lt;run&gt;</c>.</summary>
    /// <param name="run">The run, counted from 0.</param>
    public string DataDocumentId(int run) => string.Create(CultureInfo.InvariantCulture, $"data-{SourceHash}-{run}");

    /// <summary>The first 16 bytes of SHA-256 over the source's UTF-8, in base64url.</summary>
    public string SourceHash => HashedSource.Of(Source).Text;

    /// <summary>SHA-256 over the source's UTF-8.</summary>
    public ReadOnlySpan<byte> SourceDigest => HashedSource.Of(Source).Digest;
}
