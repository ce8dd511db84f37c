using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>Reads advanced filters and reports everything that is wrong with them.</summary>
internal sealed class FilterParser
{
    private static readonly Dictionary<string, FilterOperator> Operators =
        Enum.GetValues<FilterOperator>().ToDictionary(o => o.ToString(), StringComparer.OrdinalIgnoreCase);

    private readonly ICollection<FilterError> _errors;
    private int _values;

    private FilterParser(ICollection<FilterError> errors) => _errors = errors;

    public static ImmutableArray<AdvancedFilter> Parse(JsonElement filters, string pointer, ICollection<FilterError> errors)
    {
        if (filters.ValueKind != JsonValueKind.Array)
        {
            errors.Add(new FilterError(pointer, "Must be an array."));
            return [];
        }

        if (filters.GetArrayLength() > AdvancedFilters.MaxFilters)
        {
            errors.Add(new FilterError(pointer, $"May have at most {AdvancedFilters.MaxFilters} filters."));
        }

        var parser = new FilterParser(errors);
        var parsed = filters.EnumerateArray()
            .Select((filter, i) => parser.ParseFilter(filter, string.Create(CultureInfo.InvariantCulture, $"{pointer}/{i}")))
            .OfType<AdvancedFilter>()
            .ToImmutableArray();
        if (parser._values > AdvancedFilters.MaxValues)
        {
            errors.Add(new FilterError(pointer, $"May have at most {AdvancedFilters.MaxValues} values over all filters."));
        }

        return parsed;
    }

    // Null where the filter is wrong, which is in the errors then.
    private AdvancedFilter? ParseFilter(JsonElement filter, string pointer)
    {
        if (filter.ValueKind != JsonValueKind.Object)
        {
            return Fail(pointer, "Must be an object.");
        }

        var key = ParseKey(filter, pointer);
        if (ParseOperator(filter, pointer) is not { } @operator)
        {
            return null;
        }

        var before = _errors.Count;
        CheckNames(filter, @operator, pointer);
        var parsed = new AdvancedFilter(@operator, key ?? new FilterKey("unknown"))
        {
            Truth = @operator == FilterOperator.BoolEquals && ParseTruth(filter, pointer),
            Numbers = ParseNumbers(filter, @operator, pointer),
            Ranges = @operator is FilterOperator.NumberInRange or FilterOperator.NumberNotInRange
                ? ParseValues(filter, pointer, ParseRange)
                : [],
            Strings = @operator is > FilterOperator.BoolEquals and < FilterOperator.IsNullOrUndefined
                ? ParseValues(filter, pointer, ParseString)
                : [],
        };
        return key is null || _errors.Count > before ? null : parsed;
    }

    private FilterKey? ParseKey(JsonElement filter, string pointer)
    {
        if (!filter.TryGetProperty("key", out var key) || key.ValueKind != JsonValueKind.String)
        {
            Fail(pointer + "/key", "Must be a string.");
            return null;
        }

        try
        {
            return new FilterKey(key.GetString()!);
        }
        catch (FormatException e)
        {
            Fail(pointer + "/key", e.Message);
            return null;
        }
    }

    private FilterOperator? ParseOperator(JsonElement filter, string pointer)
    {
        if (filter.TryGetProperty("operatorType", out var name) && name.ValueKind == JsonValueKind.String
            && Operators.TryGetValue(name.GetString()!, out var @operator))
        {
            return @operator;
        }

        Fail(pointer + "/operatorType", $"Must be one of {string.Join(", ", Operators.Keys.Order(StringComparer.Ordinal))}.");
        return null;
    }

    private void CheckNames(JsonElement filter, FilterOperator @operator, string pointer)
    {
        var comparesWith = @operator switch
        {
            FilterOperator.IsNullOrUndefined or FilterOperator.IsNotNull => null,
            FilterOperator.BoolEquals => "value",
            _ when ComparesWithOneNumber(@operator) => "value",
            _ => "values",
        };
        foreach (var property in filter.EnumerateObject())
        {
            if (property.Name is not ("operatorType" or "key") && property.Name != comparesWith)
            {
                var name = property.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                Fail($"{pointer}/{name}", $"Is not a property of {@operator}.");
            }
        }
    }

    private static bool ComparesWithOneNumber(FilterOperator @operator) => @operator is FilterOperator.NumberLessThan
        or FilterOperator.NumberGreaterThan or FilterOperator.NumberLessThanOrEquals or FilterOperator.NumberGreaterThanOrEquals;

    private bool ParseTruth(JsonElement filter, string pointer)
    {
        _values++;
        if (filter.TryGetProperty("value", out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fail(pointer + "/value", "Must be true or false.");
        return false;
    }

    private ImmutableArray<FilterNumber> ParseNumbers(JsonElement filter, FilterOperator @operator, string pointer)
    {
        if (@operator is FilterOperator.NumberIn or FilterOperator.NumberNotIn)
        {
            return ParseValues(filter, pointer, ParseNumber);
        }

        if (!ComparesWithOneNumber(@operator))
        {
            return [];
        }

        _values++;
        return [ParseNumber(filter.TryGetProperty("value", out var value) ? value : default, pointer + "/value")];
    }

    private ImmutableArray<T> ParseValues<T>(JsonElement filter, string pointer, Func<JsonElement, string, T> parse)
    {
        if (!filter.TryGetProperty("values", out var values) || values.ValueKind != JsonValueKind.Array || values.GetArrayLength() == 0)
        {
            Fail(pointer + "/values", "Must be an array with at least one value.");
            return [];
        }

        _values += values.GetArrayLength();
        return [.. values.EnumerateArray().Select((value, i) => parse(value, string.Create(CultureInfo.InvariantCulture, $"{pointer}/values/{i}")))];
    }

    private FilterNumber ParseNumber(JsonElement value, string pointer)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return FilterNumber.Parse(JsonMarshal.GetRawUtf8Value(value));
        }

        Fail(pointer, "Must be a number.");
        return default;
    }

    private (FilterNumber Low, FilterNumber High) ParseRange(JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != 2)
        {
            Fail(pointer, "Must be a range: an array of two numbers.");
            return default;
        }

        var range = (Low: ParseNumber(value[0], pointer + "/0"), High: ParseNumber(value[1], pointer + "/1"));
        if (range.Low.CompareTo(range.High) > 0)
        {
            Fail(pointer, "Must not begin after its end.");
        }

        return range;
    }

    private string ParseString(JsonElement value, string pointer)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(pointer, "Must be a string.");
            return "";
        }

        var text = value.GetString()!;
        if (text.Length > AdvancedFilters.MaxStringLength)
        {
            Fail(pointer, $"May have at most {AdvancedFilters.MaxStringLength} characters.");
        }

        return text;
    }

    private AdvancedFilter? Fail(string pointer, string detail)
    {
        _errors.Add(new FilterError(pointer, detail));
        return null;
    }
}
