using System.Collections.Immutable;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

/// <summary>
/// Links events to their entities: one document for each event, written when its run ends. Repeats change nothing, and a link only gains:
/// full data of a later run, or the mark of an erased event, which stays.
/// </summary>
public sealed class EntityLinks(IDocumentStore documents)
{
    /// <summary>Writes the link of an event whose run ends. Does nothing if the event makes no entity.</summary>
    /// <param name="record">The event.</param>
    /// <param name="dataRun">The run, if it has full data; null if it failed, was filtered, or is not enriched. Then the link refers to the data of an earlier run.</param>
    /// <param name="timeToLive">How long the record is kept from now on; null for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The link is not known to be written. Call again.</exception>
    public Task WriteAsync(EventRecord record, int? dataRun, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);

        // The relay may not have come to link the earlier run.
        dataRun ??= record.EnrichedRun;
        return WriteAsync(record, dataRun, timeToLive, there => !there.Erased && dataRun is not null && !(there.Run >= dataRun), cancellationToken);
    }

    /// <summary>Marks the link of an erased event, so that it no longer refers to data. An attempt in progress finds the mark.</summary>
    /// <param name="record">The event.</param>
    /// <param name="timeToLive">How long the record is kept from now on; null for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The link is not known to be marked. Call again.</exception>
    public Task EraseAsync(EventRecord record, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        return WriteAsync(record with { Erased = true }, null, timeToLive, there => !there.Erased, cancellationToken);
    }

    /// <summary>Finds the newest event with full data that the same producer sent about an event's entity, and that happened before it.</summary>
    /// <param name="record">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none. What happened in the same millisecond is not before it.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<EntityLink?> FindEarlierAsync(EventRecord record, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!record.Linked || record.Entity is not { } entity)
        {
            return null;
        }

        var query = new DocumentQuery(DocumentContainer.Entities)
        {
            Partition = entity.Id,
            Equal = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("kind", EntityLink.EnrichedKind).Add("producer", record.Producer),
            OrderBy = "time",
            Descending = true,
            To = UtcMilliseconds.Text(record.OccurredAt),
            Limit = 1,
        };
        return (await documents.QueryAsync(query, cancellationToken)).Items is [var found] ? EntityLink.Read(found) : null;
    }

    private async Task WriteAsync(EventRecord record, int? run, TimeSpan? timeToLive, Func<EntityLink, bool> gains, CancellationToken cancellationToken)
    {
        if (!record.Linked || record.Entity is null)
        {
            return;
        }

        var link = EntityLink.Of(record, run);
        var document = link.ToDocument(timeToLive);
        while (await documents.CreateAsync(DocumentContainer.Entities, document, cancellationToken) is null)
        {
            var found = await documents.ReadAsync(DocumentContainer.Entities, document.Partition, document.Id, cancellationToken)
                ?? throw new StoreUnavailableException("The link exists, but cannot be read yet.");
            if (!gains(EntityLink.Read(found)) || await documents.ReplaceAsync(DocumentContainer.Entities, document, found.ETag, cancellationToken) is not null)
            {
                return;
            }
        }
    }
}
