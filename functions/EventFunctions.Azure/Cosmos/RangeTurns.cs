using System.Text.Json;
using EventFunctions.Storage;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Tracks which ranges of a container the SDK has read. It reads one at a time: the first of its list, which it then moves to the end. It
/// skips ranges without changes silently; its list, which is the continuation, shows that as well.
/// </summary>
/// <param name="cursor">The continuation that the reading began with; null where it began with the oldest change.</param>
internal sealed class RangeTurns(string? cursor)
{
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private List<string>? _list = cursor is null ? null : ListOf(cursor);
    private bool _isKnown;

    /// <summary>
    /// Whether the answer came after every range was asked. Of a list that cannot be read the SDK's word is taken: it says "not
    /// modified" when it has been around, unless one of the ranges fails, which it tells with the next answer only.
    /// </summary>
    public bool WasAround { get; private set; }

    /// <summary>All ranges, and how far each was read.</summary>
    public IReadOnlyList<ChangeRange> Ranges =>
        _isKnown ? [.. _list!.Select(range => new ChangeRange(range, _until.TryGetValue(range, out var until) ? until : null))] : [];

    /// <summary>Takes an answer.</summary>
    /// <param name="continuation">Its continuation.</param>
    /// <param name="asked">When it was asked for, by Cosmos DB's clock or earlier: a range without changes was read until then.</param>
    /// <param name="newest">When the last of its items changed; null where it has none.</param>
    public void Take(string continuation, DateTimeOffset asked, DateTimeOffset? newest)
    {
        var before = _list;
        _list = ListOf(continuation);
        _isKnown = _list is not null;
        if (_list is null)
        {
            WasAround = true;
            return;
        }

        // Of a list that has other ranges than before, since one was split, only the last is known to have been read.
        var turns = before is null ? null : TurnsBetween(before, _list);
        WasAround = (turns ?? 1) == _list.Count;
        foreach (var passed in _list.TakeLast(turns ?? 1).SkipLast(1))
        {
            _until[passed] = asked;
        }

        _until[_list[^1]] = newest ?? asked;
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
