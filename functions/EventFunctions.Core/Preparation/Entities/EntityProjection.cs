using System.Collections.Immutable;
using EventFunctions.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Preparation.Entities;

/// <summary>
/// Keeps what is known of entities. First the links, then the summaries: each is read, its links are counted, and it is
/// replaced only if it has not changed since, so that whoever writes last has counted everything that was linked before.
/// </summary>
public sealed class EntityProjection(
    IDocumentStore documents, UnprocessableNotes notes, IOptions<EntityOptions> options, ILogger<EntityProjection> logger)
{
    // Who meets an entity that is being written by others this often tries the batch again later.
    private const int MaxAttempts = 20;

    /// <summary>Takes facts into generations. What can never be taken is noted and passed over.</summary>
    /// <param name="facts">The facts, in any order, also again.</param>
    /// <param name="generations">The generations.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not everything could be written now; the same call may succeed later.</exception>
    public async Task ProjectAsync(IReadOnlyCollection<EntityFact> facts, IReadOnlyCollection<int> generations, CancellationToken cancellationToken)
    {
        // In the order of partitions, so that writes that a store commits together lie together.
        var byEntity = facts.GroupBy(fact => fact.Entity).OrderBy(entity => entity.Key.Id, StringComparer.Ordinal).Select(entity => entity.ToList()).ToList();
        var links = from entity in byEntity from fact in entity from generation in generations select (fact, generation);
        await ForEachAsync(
            links,
            (link, token) => documents.UpsertAsync(DocumentContainer.Entities, EntityDocuments.Link(link.fact, link.generation), token),
            link => link.fact,
            cancellationToken);
        var summaries = from entity in byEntity from generation in generations select (entity, generation);
        await ForEachAsync(summaries, (summary, token) => SummarizeAsync(summary.entity, summary.generation, token), summary => summary.entity[0], cancellationToken);
    }

    // Goes on to the end whatever happens, so that one that fails takes nothing else with it.
    private async Task ForEachAsync<T>(
        IEnumerable<T> items, Func<T, CancellationToken, Task> write, Func<T, EntityFact> factOf, CancellationToken cancellationToken)
    {
        StoreUnavailableException? unavailable = null;
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.MaxConcurrentWrites, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(items, parallel, async (item, token) =>
        {
            try
            {
                await write(item, token);
            }
            catch (StoreUnavailableException e)
            {
                unavailable = e;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                var fact = factOf(item);
                logger.LogError(e, "The entity {Source} {Subject} cannot be written.", fact.Entity.Source, fact.Entity.Subject);
                await notes.NoteAsync(fact.Entity.Source, fact.EventId, "entities", e, token);
            }
        });
        if (unavailable is not null)
        {
            throw new StoreUnavailableException("Not all entities could be written.", unavailable);
        }
    }

    private async Task SummarizeAsync(List<EntityFact> facts, int generation, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await TrySummarizeAsync(facts, generation, cancellationToken))
            {
                return;
            }
        }

        throw new StoreUnavailableException($"The entity {facts[0].Entity} is written by too many at once.");
    }

    private async Task<bool> TrySummarizeAsync(List<EntityFact> facts, int generation, CancellationToken cancellationToken)
    {
        // Read before the links are counted: a summary that has not changed since was made of no link that is not counted.
        var partition = facts[0].Entity.Id;
        var found = await documents.ReadAsync(DocumentContainer.Entities, partition, EntityDocuments.SummaryKind(generation), cancellationToken);
        var before = found is null ? null : EntityDocuments.ReadSummary(found);
        var summary = before ?? EntitySummary.Of(facts[0], generation);
        summary = facts.Aggregate(summary, (merged, fact) => merged.With(fact));
        var kind = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("kind", EntityDocuments.LinkKind(generation));
        var counts = await documents.CountAsync(DocumentContainer.Entities, partition, kind, "type", cancellationToken);
        var document = EntityDocuments.Write(summary with { Counts = counts.ToImmutableSortedDictionary(StringComparer.Ordinal) });
        if (found is not null)
        {
            return EntityDocuments.Write(before!).Body.Span.SequenceEqual(document.Body.Span)
                || await documents.ReplaceAsync(DocumentContainer.Entities, document, found.ETag, cancellationToken) is not null;
        }

        return await documents.CreateAsync(DocumentContainer.Entities, document, cancellationToken) is not null;
    }
}
