using System.Text.Json;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Tracks which ranges of a container the SDK has read. It reads one at a time: the first of its list, which it then moves to the end. It
/// skips ranges without changes silently; its list, which is the continuation, shows that as well.
/// </summary>
/// <param name="cursor">The continuation that the reading began with; null where it began with the oldest change.</param>
internal sealed class RangeTurns(string? cursor)
{
    private List<string>? _list = cursor is null ? null : ListOf(cursor);

    /// <summary>
    /// Whether the answer came after every range was asked. Of a list that cannot be read the SDK's word is taken: it says "not
    /// modified" when it has been around, unless one of the ranges fails, which it tells with the next answer only.
    /// </summary>
    public bool WasAround { get; private set; }

    /// <summary>Takes an answer.</summary>
    /// <param name="continuation">Its continuation.</param>
    public void Take(string continuation)
    {
        var before = _list;
        _list = ListOf(continuation);

        // Of a list that has other ranges than before, because one was split, only the last is known to have been read.
        var turns = before is null || _list is null ? null : TurnsBetween(before, _list);
        WasAround = _list is null || (turns ?? 1) == _list.Count;
    }

    // How many of a list's first were put to its end: at least one, and all where it looks the same.
    private static int? TurnsBetween(List<string> before, List<string> after)
    {
        for (var turns = 1; turns <= after.Count; turns++)
        {
            if (before.Skip(turns).Concat(before.Take(turns)).SequenceEqual(after, StringComparer.Ordinal))
            {
                return turns;
            }
        }

        return null;
    }

    private static List<string>? ListOf(string continuation)
    {
        try
        {
            using var json = JsonDocument.Parse(continuation);
            List<string> ranges = [.. json.RootElement.GetProperty("Continuation").EnumerateArray().Select(range => range.GetProperty("FeedRange").GetRawText())];
            return ranges.Count > 0 ? ranges : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }
}
