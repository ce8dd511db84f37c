using System.Collections.Immutable;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

/// <summary>
/// Reads entities from their links. A reader that is a producer sees only the links of its own events: a source may have had another owner.
/// </summary>
public sealed class EntityLookup(IDocumentStore documents)
{
    /// <summary>The most events of an entity that are counted.</summary>
    public const int MaxCounted = 1_000;

    // What one page of a list may cost: the links that are read for its entities, and the links of the same entities that are read past.
    private const int MaxLinksOfPage = 10_000;
    private const int LinksPerEntity = 10;
    private const int MaxScanned = 1_000;
    private const int MaxConcurrency = 16;

    /// <summary>Reads an entity.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="reader">The name of the producer that reads; null sees the events of every producer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if it has no events.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<EntitySummary?> ReadAsync(EntityKey key, string? reader, CancellationToken cancellationToken) =>
        await LinksAsync(key.Id, reader, cancellationToken) is { Items.Count: > 0 } links ? Summary(links) : null;

    /// <summary>Lists entities, those with the newest events first. A page may hold fewer than asked for, and still not be the last.</summary>
    /// <param name="source">Their source; null for all.</param>
    /// <param name="reader">The name of the producer that reads; null sees the events of every producer.</param>
    /// <param name="limit">The most entities of the page.</param>
    /// <param name="continuation">Where the page begins; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one of this list.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<(IReadOnlyList<EntitySummary> Items, string? Continuation)> ListAsync(
        string? source, string? reader, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.Entities)
        {
            Equal = Equal(("source", source), ("producer", reader)),
            OrderBy = "recordedAt",
            Descending = true,
            Limit = Math.Min(limit * LinksPerEntity, MaxScanned),
            Continuation = continuation,
        };
        var page = await documents.QueryAsync(query, cancellationToken);
        var firsts = page.Items.Index().DistinctBy(link => link.Item.Partition).ToList();
        List<EntitySummary> entities = [];
        var (linksRead, read) = (0, 0);
        while (read < firsts.Count && entities.Count < limit && linksRead < MaxLinksOfPage)
        {
            var some = firsts.GetRange(read, Math.Min(Math.Min(MaxConcurrency, limit - entities.Count), firsts.Count - read));
            var found = await Task.WhenAll(some.Select(link => LinksAsync(link.Item.Partition, reader, cancellationToken)));
            read += some.Count;
            linksRead += found.Sum(links => links.Items.Count);

            // An entity whose newest link is another was on an earlier page, or has moved to the first page since.
            entities.AddRange(some.Zip(found)
                .Where(entity => entity.Second.Items.Count > 0 && (continuation is null || entity.Second.Items[0].Id == entity.First.Item.Id))
                .Select(entity => Summary(entity.Second)));
        }

        // The next page begins with the first link of the next entity.
        return (entities, read < firsts.Count ? After(page.Items[firsts[read].Index - 1]) : page.Continuation);
    }

    /// <summary>Lists an entity's events, the newest by their own time first.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="reader">The name of the producer that reads; null sees the events of every producer.</param>
    /// <param name="limit">The most events of the page.</param>
    /// <param name="continuation">Where the page begins; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one of this list.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<(IReadOnlyList<EntityLink> Items, string? Continuation)> ListEventsAsync(
        EntityKey key, string? reader, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.Entities)
        {
            Partition = key.Id,
            Equal = Equal(("producer", reader)),
            OrderBy = "time",
            Descending = true,
            Limit = limit,
            Continuation = continuation,
        };
        var page = await documents.QueryAsync(query, cancellationToken);
        return ([.. page.Items.Select(EntityLink.Read)], page.Continuation);
    }

    // The last recorded first, which IDs tell.
    private Task<DocumentPage> LinksAsync(string partition, string? reader, CancellationToken cancellationToken) => documents.QueryAsync(
        new DocumentQuery(DocumentContainer.Entities) { Partition = partition, Equal = Equal(("producer", reader)), Descending = true, Limit = MaxCounted },
        cancellationToken);

    private static EntitySummary Summary(DocumentPage links) => EntitySummary.Of([.. links.Items.Select(EntityLink.Read)], links.Continuation is null);

    private static string After(StoredDocument link) => new DocumentPosition(EntityLink.Read(link).RecordedAt, link.Id, link.Partition).ToString();

    private static ImmutableSortedDictionary<string, string> Equal(params (string Field, string? Value)[] fields) => fields
        .Where(field => field.Value is not null)
        .ToImmutableSortedDictionary(field => field.Field, field => field.Value!, StringComparer.Ordinal);
}
