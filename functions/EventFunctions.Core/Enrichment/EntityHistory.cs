using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Enrichment;

/// <summary>
/// Computes the changes since the entity's previous event, ordered by the times at which events happened. Costs one query per event with an
/// entity, and a point read if there is an earlier event.
/// </summary>
internal static class EntityHistory
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>What the newest enriched event of the entity before this one tells.</summary>
    /// <param name="store">Where events are.</param>
    /// <param name="record">The event.</param>
    /// <param name="content">Its full data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where the event has no entity, or is the entity's first.</returns>
    public static async Task<PreviousData?> CompareAsync(
        IEventStore store, EventRecord? record, EventContent content, CancellationToken cancellationToken)
    {
        if (record?.Entity is not { } entity
            || await store.FindEarlierAsync(entity, record.OccurredAt, cancellationToken) is not { } earlier)
        {
            return null;
        }

        var before = content.Kind == ContentKind.Json ? await store.ReadDataAsync(earlier.Key, earlier.Run, cancellationToken) : null;
        return new PreviousData(earlier.Key.Id, earlier.OccurredAt)
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
