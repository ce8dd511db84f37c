using System.Collections.Immutable;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

/// <summary>Reads entities.</summary>
public sealed class EntityLookup(IDocumentStore documents, EntityGenerationStore generations)
{
    /// <summary>An entity.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entity and since when its events are counted; null where none of its events is known.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<(EntitySummary Summary, string Since)?> ReadAsync(EntityKey key, CancellationToken cancellationToken)
    {
        var (state, _) = await generations.ReadAsync(cancellationToken);
        return await documents.ReadAsync(DocumentContainer.Entities, key.Id, EntityDocuments.SummaryKind(state.Current), cancellationToken) is { } found
            ? (EntityDocuments.ReadSummary(found), state.Since)
            : null;
    }

    /// <summary>A page of entities, those with the newest events first.</summary>
    /// <param name="source">Their source; null for all.</param>
    /// <param name="limit">The most entities of the page.</param>
    /// <param name="continuation">Where the page begins; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one of this list.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<(IReadOnlyList<EntitySummary> Items, string? Continuation)> ListAsync(
        string? source, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var (state, _) = await generations.ReadAsync(cancellationToken);
        var equal = Of("kind", EntityDocuments.SummaryKind(state.Current));
        var query = new DocumentQuery(DocumentContainer.Entities)
        {
            Equal = source is null ? equal : equal.Add("source", source),
            OrderBy = "lastSeen",
            Descending = true,
            Limit = limit,
            Continuation = continuation,
        };
        var page = await documents.QueryAsync(query, cancellationToken);
        return ([.. page.Items.Select(EntityDocuments.ReadSummary)], page.Continuation);
    }

    /// <summary>A page of an entity's events, the newest by their own time first.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="limit">The most events of the page.</param>
    /// <param name="continuation">Where the page begins; null for the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one of this list.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot be read now.</exception>
    public async Task<(IReadOnlyList<ProjectedLink> Items, string? Continuation)> ListEventsAsync(
        EntityKey key, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var (state, _) = await generations.ReadAsync(cancellationToken);
        var query = new DocumentQuery(DocumentContainer.Entities)
        {
            Partition = key.Id,
            Equal = Of("kind", EntityDocuments.LinkKind(state.Current)),
            OrderBy = "time",
            Descending = true,
            Limit = limit,
            Continuation = continuation,
        };
        var page = await documents.QueryAsync(query, cancellationToken);
        return ([.. page.Items.Select(EntityDocuments.ReadLink)], page.Continuation);
    }

    private static ImmutableSortedDictionary<string, string> Of(string name, string value) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add(name, value);
}
