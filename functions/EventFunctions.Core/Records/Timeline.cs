using System.Collections.Immutable;

namespace EventFunctions.Records;

/// <summary>Keeps a timeline within its bound.</summary>
public static class Timeline
{
    /// <summary>The most entries that a record keeps.</summary>
    public const int Capacity = 100;

    // Which entries a full timeline gives up: these repeat with every attempt, the others tell the story.
    private static bool MayFold(TimelineEntry entry) =>
        entry.What is TimelineStep.AttemptFailed or TimelineStep.PublishFailed or TimelineStep.Relayed;

    /// <summary>
    /// Appends entries. Where that would pass <see cref="Capacity"/>, the older half of the repeating entries is folded
    /// into one that stands where the first of them stood, has its time, and counts them.
    /// </summary>
    /// <param name="timeline">What is there.</param>
    /// <param name="entries">What is new, oldest first.</param>
    public static ImmutableArray<TimelineEntry> Append(ImmutableArray<TimelineEntry> timeline, params ReadOnlySpan<TimelineEntry> entries)
    {
        var grown = timeline.AddRange(entries);
        while (grown.Length > Capacity)
        {
            var folded = Fold(grown);
            if (folded.Length == grown.Length)
            {
                // Nothing repeats: keep how the story began and how it ends.
                return [.. grown[..(Capacity / 2)], .. grown[(grown.Length - (Capacity / 2))..]];
            }

            grown = folded;
        }

        return grown;
    }

    private static ImmutableArray<TimelineEntry> Fold(ImmutableArray<TimelineEntry> timeline)
    {
        var repeating = timeline.Count(MayFold);
        if (repeating < 2)
        {
            return timeline;
        }

        var toFold = Math.Max(2, repeating / 2);
        var result = ImmutableArray.CreateBuilder<TimelineEntry>(timeline.Length);
        var place = -1;
        foreach (var entry in timeline)
        {
            if (toFold == 0 || !MayFold(entry))
            {
                result.Add(entry);
                continue;
            }

            toFold--;
            if (place < 0)
            {
                place = result.Count;
                result.Add(entry with { Count = entry.Count ?? 1 });
            }
            else
            {
                result[place] = result[place] with { Count = result[place].Count + (entry.Count ?? 1), Detail = entry.Detail };
            }
        }

        return result.ToImmutable();
    }
}
