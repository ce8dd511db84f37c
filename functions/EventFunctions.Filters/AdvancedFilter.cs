using System.Collections.Immutable;

namespace EventFunctions.Filters;

/// <summary>
/// One advanced filter with the service's semantics. Strings are compared without regard to case. A value of another type
/// than the operator's is ignored: it matches no positive operator and fails no negative one. A missing key, or null,
/// matches of all the comparing operators only <c>NumberNotIn</c>, <c>NumberNotInRange</c> and <c>StringNotIn</c>.
/// </summary>
public sealed class AdvancedFilter
{
    internal AdvancedFilter(FilterOperator @operator, FilterKey key) => (Operator, Key) = (@operator, key);

    /// <summary>The comparison.</summary>
    public FilterOperator Operator { get; }

    /// <summary>The operator.</summary>
    public FilterKey Key { get; }

    // What it is compared with: the operator tells which of these is set.
    internal ImmutableArray<string> Strings { get; init; } = [];

    internal ImmutableArray<FilterNumber> Numbers { get; init; } = [];

    internal ImmutableArray<(FilterNumber Low, FilterNumber High)> Ranges { get; init; } = [];

    internal bool Truth { get; init; }

    private bool IsNegative => Operator is FilterOperator.NumberNotIn or FilterOperator.NumberNotInRange or FilterOperator.StringNotContains
        or FilterOperator.StringNotBeginsWith or FilterOperator.StringNotEndsWith or FilterOperator.StringNotIn;

    internal bool Matches(FilterValue value, bool onArrays) => (Operator, value.Kind) switch
    {
        (FilterOperator.IsNullOrUndefined, var kind) => kind is FilterValueKind.Undefined or FilterValueKind.Null,
        (FilterOperator.IsNotNull, var kind) => kind is not (FilterValueKind.Undefined or FilterValueKind.Null),
        (_, FilterValueKind.Undefined or FilterValueKind.Null) =>
            Operator is FilterOperator.NumberNotIn or FilterOperator.NumberNotInRange or FilterOperator.StringNotIn,
        (_, FilterValueKind.Object) => false,
        (_, FilterValueKind.Array) => onArrays && value.AnyElement(this, static (filter, element) => filter.Compare(element)) != IsNegative,
        _ => Compare(value) != IsNegative,
    };

    // The positive comparison, of which the negative operators are the contrary.
    private bool Compare(FilterValue value)
    {
        if (Operator == FilterOperator.BoolEquals)
        {
            return value.Is(Truth);
        }

        return Operator < FilterOperator.BoolEquals
            ? value.TryGetNumber(out var number) && CompareNumber(number)
            : value.TryGetText(out var text) && CompareText(text);
    }

    private bool CompareNumber(FilterNumber number) => Operator switch
    {
        FilterOperator.NumberLessThan => number.CompareTo(Numbers[0]) < 0,
        FilterOperator.NumberGreaterThan => number.CompareTo(Numbers[0]) > 0,
        FilterOperator.NumberLessThanOrEquals => number.CompareTo(Numbers[0]) <= 0,
        FilterOperator.NumberGreaterThanOrEquals => number.CompareTo(Numbers[0]) >= 0,
        FilterOperator.NumberIn or FilterOperator.NumberNotIn => Numbers.Any(n => number.CompareTo(n) == 0),
        _ => Ranges.Any(range => number.CompareTo(range.Low) >= 0 && number.CompareTo(range.High) <= 0),
    };

    private bool CompareText(string text)
    {
        var search = Operator is FilterOperator.StringContains or FilterOperator.StringNotContains ? new FilterSearch(text) : default;
        foreach (var value in Strings)
        {
            var matches = Operator switch
            {
                FilterOperator.StringContains or FilterOperator.StringNotContains => search.Contains(value),
                FilterOperator.StringBeginsWith or FilterOperator.StringNotBeginsWith => text.StartsWith(value, StringComparison.OrdinalIgnoreCase),
                FilterOperator.StringEndsWith or FilterOperator.StringNotEndsWith => text.EndsWith(value, StringComparison.OrdinalIgnoreCase),
                _ => text.Equals(value, StringComparison.OrdinalIgnoreCase),
            };
            if (matches)
            {
                return true;
            }
        }

        return false;
    }
}
