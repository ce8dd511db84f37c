using System.Collections.Immutable;
using System.Globalization;
using EventFunctions.Preparation;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Entities;

/// <summary>
/// Builds a new generation of the entities from the store while events keep coming, puts it in the place of the old one, and
/// removes that. Each step is repeatable and kept with an ETag: a crash, or a second instance at the same work, costs time and
/// nothing else.
/// </summary>
public sealed class EntityRebuild(
    IEventStore events,
    IDocumentStore documents,
    EntityProjection projection,
    EntityGenerationStore generations,
    UnprocessableEvents notes,
    TimeProvider time,
    IOptions<EntityOptions> options,
    ILogger<EntityRebuild> logger)
{
    private const int PageSize = 1_000;
    private const int RemovedAtOnce = 100;
    private const int MaxConcurrency = 32;

    private static readonly TimeSpan StepBudget = TimeSpan.FromSeconds(45);

    // An instance that began a batch before it could read of the rebuild has ended it by then.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    /// <summary>Starts a rebuild, or returns the current one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state, and whether this call began the rebuild.</returns>
    public async Task<(EntityGenerations State, bool Began)> BeginAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var (state, etag) = await generations.ReadAsync(cancellationToken);
            if (state.Rebuild is not null)
            {
                return (state, false);
            }

            var begun = state with
            {
                Rebuild = new EntityRebuildState
                {
                    Generation = state.Current + 1,
                    Old = state.Current,
                    StartedAt = UtcMilliseconds.Text(time.GetUtcNow()),
                    Since = generations.SinceNow,
                },
            };
            if (await generations.ReplaceAsync(begun, etag, cancellationToken) is not null)
            {
                return (begun, true);
            }
        }
    }

    /// <summary>Continues the rebuild, if there is one, for less than a minute.</summary>
    /// <param name="cancellationToken">Ends the work, which goes on with the next call.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be used now.</exception>
    public async Task ContinueAsync(CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + StepBudget;
        var more = true;
        while (more && time.GetUtcNow() < end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (state, etag) = await generations.ReadAsync(cancellationToken);
            more = state.Rebuild is { } rebuild && await StepAsync(state, rebuild, etag, end, cancellationToken);
        }
    }

    // Whether there is more to do now.
    private Task<bool> StepAsync(EntityGenerations state, EntityRebuildState rebuild, string etag, DateTimeOffset end, CancellationToken cancellationToken) =>
        rebuild.Phase == EntityRebuildPhase.Removing
            ? RemoveAsync(state, rebuild, etag, end, cancellationToken)
            : ReadAsync(state, rebuild, etag, end, cancellationToken);

    private async Task<bool> ReadAsync(
        EntityGenerations state, EntityRebuildState rebuild, string etag, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var (cursor, read, caughtUp) = (rebuild.Cursor, rebuild.Read, false);
        var progress = new ChangeProgress();
        List<EntityFact> facts = [];
        try
        {
            while (!caughtUp && facts.Count < options.Value.RebuildBatch && time.GetUtcNow() < end)
            {
                var page = await events.ReadChangesAsync(cursor, PageSize, cancellationToken);
                foreach (var record in page.Items)
                {
                    if (await FactOfAsync(record, cancellationToken) is { } fact)
                    {
                        facts.Add(fact);
                    }
                }

                progress.Take(page);

                // Where events never cease to come there may be no end. What changed after the rebuild began is counted as it comes,
                // so to have read all that changed until then is as good.
                (cursor, read, caughtUp) = (page.Cursor, read + page.Items.Count, progress.Covers(TimeOf(rebuild.StartedAt) + Settled));
            }
        }
        catch (InvalidContinuationException e)
        {
            logger.LogError(e, "Restarting the rebuild of the entities: the store was replaced.");
            await generations.ReplaceAsync(state with { Rebuild = rebuild with { Cursor = null } }, etag, cancellationToken);
            return true;
        }

        await projection.ProjectAsync(facts, [rebuild.Generation], cancellationToken);
        var now = time.GetUtcNow();
        var next = state with { Rebuild = rebuild with { Cursor = cursor, Read = read } };
        if (caughtUp && rebuild.Phase == EntityRebuildPhase.Building)
        {
            next = next with
            {
                Current = rebuild.Generation,
                Since = rebuild.Since,
                Rebuild = next.Rebuild with { Phase = EntityRebuildPhase.Settling, SwitchedAt = UtcMilliseconds.Text(now) },
            };
            logger.LogInformation("Built generation {Generation} of the entities from {Count} changes.", rebuild.Generation, next.Rebuild.Read);
        }
        else if (caughtUp && now - TimeOf(rebuild.SwitchedAt!) >= Settled)
        {
            next = next with { Rebuild = next.Rebuild with { Phase = EntityRebuildPhase.Removing } };
        }

        if (next.Rebuild != rebuild)
        {
            await generations.ReplaceAsync(next, etag, cancellationToken);
        }

        return !caughtUp || next.Rebuild.Phase == EntityRebuildPhase.Removing;
    }

    private async ValueTask<EntityFact?> FactOfAsync(EventRecord record, CancellationToken cancellationToken)
    {
        try
        {
            return EntityFact.Of(record);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Cannot add event {Id} of {Source} to the entities.", record.Key.Id, record.Key.Source);
            await notes.RecordAsync(record.Key.Source, record.Key.Id, "rebuild", e, cancellationToken);
            return null;
        }
    }

    private static DateTimeOffset TimeOf(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private async Task<bool> RemoveAsync(
        EntityGenerations state, EntityRebuildState rebuild, string etag, DateTimeOffset end, CancellationToken cancellationToken)
    {
        var none = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        var summaries = new DocumentQuery(DocumentContainer.Entities)
        {
            Equal = none.Add("kind", EntityDocuments.SummaryKind(rebuild.Old)),
            OrderBy = "lastSeen",
            Limit = RemovedAtOnce,
        };
        while (time.GetUtcNow() < end)
        {
            var page = await documents.QueryAsync(summaries, cancellationToken);
            if (page.Items.Count == 0)
            {
                await generations.ReplaceAsync(state with { Rebuild = null }, etag, cancellationToken);
                logger.LogInformation("Removed generation {Generation} of the entities.", rebuild.Old);
                return false;
            }

            var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(page.Items, parallel, async (summary, token) => await RemoveAsync(summary, rebuild.Old, token));
        }

        return false;
    }

    // The summary last: by it the links are found again after a crash.
    private async Task RemoveAsync(StoredDocument summary, int generation, CancellationToken cancellationToken)
    {
        var links = new DocumentQuery(DocumentContainer.Entities)
        {
            Partition = summary.Partition,
            Equal = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("kind", EntityDocuments.LinkKind(generation)),
            OrderBy = "time",
            Limit = RemovedAtOnce,
        };
        while (await documents.QueryAsync(links, cancellationToken) is { Items: { Count: > 0 } found })
        {
            await Task.WhenAll(found.Select(link => documents.DeleteAsync(DocumentContainer.Entities, link.Partition, link.Id, null, cancellationToken)));
        }

        await documents.DeleteAsync(DocumentContainer.Entities, summary.Partition, summary.Id, null, cancellationToken);
    }
}
