using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Where a list continues: after the last record of a page. The SDK's own continuation depends on how the container is split, and may
/// announce an empty page.
/// </summary>
/// <param name="At">The record's <c>recordedAt</c>.</param>
/// <param name="Id">The record's <c>eventId</c>.</param>
/// <param name="Seen">The items already listed that share both, which no sort order tells apart: one for each source.</param>
internal sealed record ListContinuation(string At, string Id, IReadOnlyList<string> Seen)
{
    /// <summary>The continuation behind a page's last record.</summary>
    /// <param name="page">The page's records, at least one.</param>
    /// <param name="before">The continuation that the page began with.</param>
    public static ListContinuation Behind(IReadOnlyList<EventRecord> page, ListContinuation? before)
    {
        var (at, id) = (UtcMilliseconds.Text(page[^1].RecordedAt), page[^1].Key.Id);
        var seen = page.Where(record => record.Key.Id == id && UtcMilliseconds.Text(record.RecordedAt) == at).Select(record => record.Key.DocumentId);
        return new(at, id, [.. before is not null && (before.At, before.Id) == (at, id) ? before.Seen : [], .. seen]);
    }

    /// <summary>Whether the record of an item was on a page before.</summary>
    public bool Holds(JsonElement item) =>
        IsText(item, "eventId", Id) && IsText(item, "recordedAt", At) && Seen.Any(seen => IsText(item, "id", seen));

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, ItemContext.Default.ListContinuation);

    /// <exception cref="InvalidContinuationException">The text is none of <see cref="ToString"/>.</exception>
    public static ListContinuation Parse(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, ItemContext.Default.ListContinuation) is { Id: not null, Seen: not null } continuation
                && ItemTime.IsTime(continuation.At))
            {
                return continuation;
            }
        }
        catch (JsonException)
        {
        }

        throw new InvalidContinuationException("This store did not issue the continuation. Start again without it.");
    }

    private static bool IsText(JsonElement item, string property, string text) =>
        item.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
