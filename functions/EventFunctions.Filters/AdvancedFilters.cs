using System.Collections.Immutable;
using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>
/// A list of Event Grid's advanced filters, parsed once: an event passes when every filter matches. Producers' rules and
/// the local Event Grid's subscriptions are the same thing.
/// </summary>
/// <param name="filters">The filters.</param>
/// <param name="onArrays">
/// The subscription's <c>enableAdvancedFilteringOnArrays</c>: whether a filter looks at the elements of an array; if not,
/// an array matches none but the null checks.
/// </param>
public sealed class AdvancedFilters(ImmutableArray<AdvancedFilter> filters, bool onArrays)
{
    /// <summary>The most filters of one list.</summary>
    public const int MaxFilters = 25;

    /// <summary>The most values that all filters of one list may compare with.</summary>
    public const int MaxValues = 25;

    /// <summary>The longest string to compare with, in UTF-16 code units.</summary>
    public const int MaxStringLength = 512;

    /// <summary>No filters: everything passes.</summary>
    public static AdvancedFilters None { get; } = new([], onArrays: false);

    /// <summary>The filters.</summary>
    public ImmutableArray<AdvancedFilter> Filters { get; } = filters;

    /// <summary>Parses a list of filters as the resource model writes them.</summary>
    /// <param name="filters">The value of <c>advancedFilters</c>.</param>
    /// <param name="onArrays">The value of <c>enableAdvancedFilteringOnArrays</c>.</param>
    /// <param name="pointer">Where <paramref name="filters"/> is, as a JSON pointer, for the errors.</param>
    /// <param name="errors">Gains everything that is wrong.</param>
    /// <returns>The filters; those that are wrong are left out.</returns>
    public static AdvancedFilters Parse(JsonElement filters, bool onArrays, string pointer, ICollection<FilterError> errors) =>
        new(FilterParser.Parse(filters, pointer, errors), onArrays);

    /// <summary>Whether an event passes.</summary>
    /// <param name="filterable">The event.</param>
    public bool Match<TEvent>(in TEvent filterable)
        where TEvent : IFilterableEvent => FirstMismatch(filterable) < 0;

    /// <summary>The first filter that an event does not pass.</summary>
    /// <param name="filterable">The event.</param>
    /// <returns>Its place in <see cref="Filters"/>; -1 where the event passes all.</returns>
    public int FirstMismatch<TEvent>(in TEvent filterable)
        where TEvent : IFilterableEvent
    {
        for (var i = 0; i < Filters.Length; i++)
        {
            if (!Filters[i].Matches(filterable.Find(Filters[i].Key), onArrays))
            {
                return i;
            }
        }

        return -1;
    }
}
