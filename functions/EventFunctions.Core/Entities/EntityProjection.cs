using EventFunctions.Preparation;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Entities;

/// <summary>
/// Maintains the entities. An event is counted in its entity's summary first and linked afterwards; until its link is seen, the summary
/// keeps the link's ID, so that the next attempt writes a link that a crash left out. A summary is replaced only if it has not changed
/// since it was read, so nothing is counted twice.
/// </summary>
public sealed class EntityProjection(
    IDocumentStore documents, UnprocessableEvents notes, IOptions<EntityOptions> options, ILogger<EntityProjection> logger)
{
    // Who meets an entity that is being written by others this often tries the batch again later.
    private const int MaxAttempts = 20;
    private const int MaxDelayBits = 7;

    // Bounds what a summary may have to keep of links.
    private const int EventsAtOnce = 500;

    // Of so many links, one more write of the summary costs less than reading them when its next event comes.
    private const int WorthConfirming = 8;

    /// <summary>Adds facts to generations. Logs and skips facts that can never be added.</summary>
    /// <param name="facts">The facts, in any order, also again.</param>
    /// <param name="generations">The generations.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not everything could be written now; the same call may succeed later.</exception>
    public async Task ProjectAsync(IReadOnlyCollection<EntityFact> facts, IReadOnlyCollection<int> generations, CancellationToken cancellationToken)
    {
        // In the order of partitions, so that writes that a store commits together lie together.
        var work = from entity in facts.GroupBy(fact => fact.Entity).OrderBy(entity => entity.Key.Id, StringComparer.Ordinal)
                   from generation in generations
                   select (Facts: entity.Chunk(EventsAtOnce), generation);
        StoreUnavailableException? unavailable = null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxConcurrentWrites, CancellationToken = cancellationToken };

        // Goes on to the end whatever happens, so that one that fails takes nothing else with it.
        await Parallel.ForEachAsync(work, parallel, async (entity, token) =>
        {
            foreach (var some in entity.Facts)
            {
                try
                {
                    await ProjectOrNoteAsync(some, entity.generation, token);
                }
                catch (StoreUnavailableException e)
                {
                    unavailable = e;
                }
            }
        });
        if (unavailable is not null)
        {
            throw new StoreUnavailableException("Could not write all entities.", unavailable);
        }
    }

    private async Task ProjectOrNoteAsync(EntityFact[] facts, int generation, CancellationToken cancellationToken)
    {
        try
        {
            await ProjectAsync(facts, generation, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            if (facts.Length == 1)
            {
                await RecordUnprocessableAsync(facts[0], e, cancellationToken);
                return;
            }

            // Found by halves, so that what can never be taken takes nothing else with it, and is noted to the last event.
            var half = facts.Length / 2;
            await ProjectOrNoteAsync(facts[..half], generation, cancellationToken);
            await ProjectOrNoteAsync(facts[half..], generation, cancellationToken);
        }
    }

    private async Task ProjectAsync(EntityFact[] facts, int generation, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await TryProjectAsync(facts, generation, cancellationToken))
            {
                return;
            }

            // Apart from the others that write it, so that one of them gets through.
            await Task.Delay(Random.Shared.Next(1 << Math.Min(attempt, MaxDelayBits)), cancellationToken);
        }

        throw new StoreUnavailableException($"The entity {facts[0].Entity} has too many concurrent writers.");
    }

    private async Task<bool> TryProjectAsync(EntityFact[] facts, int generation, CancellationToken cancellationToken)
    {
        // Read before the links are looked for: what is counted in it is there, or among its unconfirmed.
        var partition = facts[0].Entity.Id;
        var found = await documents.ReadAsync(DocumentContainer.Entities, partition, EntityDocuments.SummaryKind(generation), cancellationToken);
        var before = found is null ? null : EntityDocuments.ReadSummary(found);
        var links = facts.Select(fact => (Fact: fact, Document: EntityDocuments.Link(fact, generation))).DistinctBy(link => link.Document.Id).ToList();
        var counted = before?.Unconfirmed ?? [];
        var there = found is null ? [] : await ThereAsync(partition, counted.Union(links.Select(link => link.Document.Id)), cancellationToken);
        var isNew = links.ToLookup(link => !there.Contains(link.Document.Id) && !counted.Contains(link.Document.Id));

        var summary = facts.Aggregate(before ?? EntitySummary.Of(facts[0], generation), (merged, fact) => merged.With(fact));
        summary = isNew[true].Aggregate(summary, (merged, link) => merged.Counted(link.Fact.Type, link.Document.Id));
        var etag = found?.ETag;
        if (summary != before)
        {
            summary = summary.Confirmed(there);
            etag = await WriteAsync(summary, found?.ETag, cancellationToken);
        }

        if (etag is null)
        {
            return false;
        }

        var written = await Task.WhenAll(links.Where(link => !there.Contains(link.Document.Id)).Select(link => LinkAsync(link.Fact, link.Document, cancellationToken)));
        if (written.Length >= WorthConfirming && !written.Contains(null))
        {
            await WriteAsync(summary.Confirmed(written!), etag, cancellationToken);
        }

        return true;
    }

    private Task<string?> WriteAsync(EntitySummary summary, string? etag, CancellationToken cancellationToken) =>
        etag is null
            ? documents.CreateAsync(DocumentContainer.Entities, EntityDocuments.Write(summary), cancellationToken)
            : documents.ReplaceAsync(DocumentContainer.Entities, EntityDocuments.Write(summary), etag, cancellationToken);

    private async Task<HashSet<string>> ThereAsync(string partition, IEnumerable<string> links, CancellationToken cancellationToken)
    {
        var found = await Task.WhenAll(links.Select(id => documents.ReadAsync(DocumentContainer.Entities, partition, id, cancellationToken)));
        return found.OfType<StoredDocument>().Select(link => link.Id).ToHashSet(StringComparer.Ordinal);
    }

    // The link's ID, or null where it can never be written.
    private async Task<string?> LinkAsync(EntityFact fact, Document link, CancellationToken cancellationToken)
    {
        try
        {
            await documents.UpsertAsync(DocumentContainer.Entities, link, cancellationToken);
            return link.Id;
        }
        catch (Exception e) when (e is not (OperationCanceledException or StoreUnavailableException))
        {
            await RecordUnprocessableAsync(fact, e, cancellationToken);
            return null;
        }
    }

    private async Task RecordUnprocessableAsync(EntityFact fact, Exception e, CancellationToken cancellationToken)
    {
        logger.LogError(e, "Cannot write the entity {Source} {Subject}.", fact.Entity.Source, fact.Entity.Subject);
        await notes.RecordAsync(fact.Entity.Source, fact.EventId, "entities", e, cancellationToken);
    }
}
