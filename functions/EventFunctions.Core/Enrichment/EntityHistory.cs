using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Enrichment;

/// <summary>
/// Computes the changes since the entity's previous event, ordered by the times at which events happened. Costs one query in the entity's
/// partition, and a point read if there is an earlier event.
/// </summary>
internal static class EntityHistory
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>What the newest enriched event of the entity before this one tells.</summary>
    /// <param name="links">Finds the event.</param>
    /// <param name="store">Has its data.</param>
    /// <param name="record">The event.</param>
    /// <param name="content">Its full data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where the event makes no entity, or is the entity's first.</returns>
    public static async Task<PreviousData?> CompareAsync(
        EntityLinks links, IEventStore store, EventRecord record, EventContent content, CancellationToken cancellationToken)
    {
        if (await links.FindEarlierAsync(record, cancellationToken) is not { Run: { } run } earlier)
        {
            return null;
        }

        var before = content.Kind != ContentKind.Json ? null
            : !earlier.OwnData ? await store.ReadDataAsync(earlier.Key, run, cancellationToken)
            : await store.ReadAsync(earlier.Key, cancellationToken) is { } holder ? FullData.OwnOf(holder, run)
            : null;
        return new PreviousData(earlier.EventId, earlier.HappenedAt)
        {
            Changes = before is { Erased: false, Content: { Kind: ContentKind.Json } old } ? Changes(old, content) : null,
        };
    }

    private static string? Changes(EventContent before, EventContent after)
    {
        try
        {
            using var old = JsonDocument.Parse(before.Bytes, Options);
            using var current = JsonDocument.Parse(after.Bytes, Options);
            return JsonPatchDiff.Compute(old.RootElement, current.RootElement, PreviousData.MaxChangesBytes) is { } patch
                ? System.Text.Encoding.UTF8.GetString(patch.Span)
                : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: such a text has no patch that every reader understands.
            return null;
        }
    }
}
