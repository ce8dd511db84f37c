using System.Collections.Frozen;
using EventFunctions.Filters;

namespace EventFunctions.Local.EventGrid;

/// <summary>Which events a subscription gets: type and subject first, which cost nothing, then the advanced filters.</summary>
internal sealed class SubscriptionFilter(FilterResource filter, AdvancedFilters advanced)
{
    private readonly FrozenSet<string>? _types =
        filter.IncludedEventTypes is { Count: > 0 } types && !types.Contains("All", StringComparer.OrdinalIgnoreCase)
            ? types.ToFrozenSet(StringComparer.OrdinalIgnoreCase)
            : null;

    private readonly StringComparison _comparison =
        filter.IsSubjectCaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>Whether the subscription gets an event.</summary>
    /// <param name="candidate">The event's envelope.</param>
    /// <param name="body">The whole event.</param>
    public bool Match(in GridEvent candidate, ReadOnlyMemory<byte> body) =>
        _types?.Contains(candidate.Type) is not false
        && (filter.SubjectBeginsWith is not { Length: > 0 } start || candidate.Subject?.StartsWith(start, _comparison) is true)
        && (filter.SubjectEndsWith is not { Length: > 0 } end || candidate.Subject?.EndsWith(end, _comparison) is true)
        && advanced.Match(new JsonEvent(body));

    private readonly struct JsonEvent(ReadOnlyMemory<byte> json) : IFilterableEvent
    {
        public FilterValue Find(FilterKey key) => key.FindInEvent(json);
    }
}
