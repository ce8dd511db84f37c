using System.Collections.Immutable;
using EventFunctions.Records;

namespace EventFunctions.Storage;

/// <summary>
/// Stores everything except events: small JSON documents in containers, each with a partition key, an ID and an ETag. Every implementation
/// passes one conformance suite. A write is durable when its task completes. Single documents change atomically; there are no other
/// guarantees.
/// </summary>
/// <remarks>
/// Every method throws <see cref="StoreUnavailableException"/> when the store cannot answer now, and
/// <see cref="OperationCanceledException"/> when cancelled; a cancelled write may still take effect.
/// </remarks>
public interface IDocumentStore
{
    /// <summary>A point read.</summary>
    /// <param name="container">Where.</param>
    /// <param name="partition">The value of the partition key.</param>
    /// <param name="id">The document's ID within the partition.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The document; null where there is none or it has expired.</returns>
    Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken);

    /// <summary>Creates a document if it does not exist.</summary>
    /// <param name="container">Where.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its ETag; null where there is one already.</returns>
    Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken);

    /// <summary>Replaces a document that has not changed since it was read.</summary>
    /// <param name="container">Where.</param>
    /// <param name="document">The new document.</param>
    /// <param name="etag">The ETag it must still have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its new ETag; null where it changed or is gone: somebody was first.</returns>
    Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken);

    /// <summary>Writes a document unconditionally: for documents that are the same in every write.</summary>
    /// <param name="container">Where.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken);

    /// <summary>Deletes a document.</summary>
    /// <param name="container">Where.</param>
    /// <param name="partition">The value of the partition key.</param>
    /// <param name="id">The document's ID within the partition.</param>
    /// <param name="etag">The ETag it must still have; null deletes whatever is there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there was one (with that ETag).</returns>
    Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken);

    /// <summary>Reads documents page by page. A page may hold fewer than asked for, and still not be the last.</summary>
    /// <param name="query">Filters, order and page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">This store did not issue the continuation. Start again without it.</exception>
    Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken);
}

/// <summary>A container of documents.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PartitionKey">The top-level field that is the partition key; the store writes it.</param>
/// <param name="Indexed">The top-level fields, all text, that queries may filter by.</param>
/// <param name="Sorted">Those of them that queries may sort by.</param>
public sealed record DocumentContainer(string Name, string PartitionKey, ImmutableArray<string> Indexed, ImmutableArray<string> Sorted)
{
    /// <summary>Entities: a link for each of their events.</summary>
    public static DocumentContainer Entities { get; } = new("entities", "entityId", ["kind", "source", "producer", "time", "recordedAt"], ["time", "recordedAt"]);

    /// <summary>The registered producers, and who changed what.</summary>
    public static DocumentContainer Producers { get; } = new("producers", "name", ["kind"], ["kind"]);

    /// <summary>Cursors, leases, jobs, monitors.</summary>
    public static DocumentContainer State { get; } = new("state", "kind", ["kind", "dueAt", "refusedAt"], ["dueAt", "refusedAt"]);

    /// <summary>Customers' webhooks, and how their endpoints do.</summary>
    public static DocumentContainer Webhooks { get; } = new("webhooks", "name", ["status", "dueAt", "eventId"], ["status", "dueAt"]);

    /// <summary>Deliveries to customers' webhooks.</summary>
    public static DocumentContainer Deliveries { get; } = new(
        "deliveries", "webhook", ["status", "dueAt", "eventId", "createdAt", "lostSince"], ["dueAt", "createdAt", "lostSince"]);

    /// <summary>All containers.</summary>
    public static ImmutableArray<DocumentContainer> All { get; } = [Entities, Producers, State, Webhooks, Deliveries];
}

/// <summary>A document to write.</summary>
/// <param name="Partition">The value of the partition key: at most 1,024 bytes of UTF-8.</param>
/// <param name="Id">The ID within the partition: at most 255 characters, none of <c>/ \ ? #</c>.</param>
/// <param name="Body">
/// A JSON object in UTF-8, at most 1,900,000 bytes, without the properties <c>id</c>, <c>ttl</c>, the container's partition
/// key, or any that begins with <c>_</c>. Indexed fields are text; times are written by <see cref="UtcMilliseconds"/>,
/// so that they sort. Numbers that a double cannot hold exactly belong into strings.
/// </param>
public sealed record Document(string Partition, string Id, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long after this write the store may forget the document; null means never.</summary>
    public TimeSpan? TimeToLive { get; init; }
}

/// <summary>A document as the store has it.</summary>
/// <param name="Partition">The value of the partition key.</param>
/// <param name="Id">The ID within the partition.</param>
/// <param name="Body">The JSON object, possibly with the store's own properties beside those written.</param>
/// <param name="ETag">Changes with every write; opaque.</param>
public sealed record StoredDocument(string Partition, string Id, ReadOnlyMemory<byte> Body, string ETag);

/// <summary>Which documents to read.</summary>
/// <param name="Container">Where.</param>
public sealed record DocumentQuery(DocumentContainer Container)
{
    /// <summary>The partition; null queries all of them, which is only for lists and for due documents.</summary>
    public string? Partition { get; init; }

    /// <summary>
    /// Whether a query of all partitions finds only those documents that lie in one part of the container, another part with each query:
    /// it costs the same however large the container is, and finds every document after as many queries as there are parts. With a
    /// continuation, the whole container is read.
    /// </summary>
    public bool InTurns { get; init; }

    /// <summary>Indexed fields that must have exactly these values.</summary>
    public ImmutableSortedDictionary<string, string> Equal { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The field that the documents are sorted by (ordinally, then by ID); those without it are left out. Null sorts by ID alone, within a partition.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Whether the greatest comes first.</summary>
    public bool Descending { get; init; }

    /// <summary>The least value of <see cref="OrderBy"/>, inclusive.</summary>
    public string? From { get; init; }

    /// <summary>The greatest value of <see cref="OrderBy"/>, exclusive.</summary>
    public string? To { get; init; }

    /// <summary>The most documents a page holds, 1 to 1,000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The store's own continuation of the page before.</summary>
    public string? Continuation { get; init; }
}

/// <summary>A page of documents.</summary>
/// <param name="Items">The documents.</param>
/// <param name="Continuation">Where the next page begins, in the store's own form; null on the last page.</param>
public sealed record DocumentPage(IReadOnlyList<StoredDocument> Items, string? Continuation);
