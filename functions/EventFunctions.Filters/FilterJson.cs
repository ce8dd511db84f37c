using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>Writes advanced filters as the resource model does: what <see cref="AdvancedFilters.Parse"/> reads.</summary>
public static class FilterJson
{
    /// <summary>Writes an array of filters.</summary>
    /// <param name="writer">Gets the array.</param>
    /// <param name="filters">The filters.</param>
    public static void Write(Utf8JsonWriter writer, AdvancedFilters filters)
    {
        writer.WriteStartArray();
        foreach (var filter in filters.Filters)
        {
            writer.WriteStartObject();
            writer.WriteString("operatorType"u8, filter.Operator.ToString());
            writer.WriteString("key"u8, filter.Key.Text);
            WriteValues(writer, filter);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteValues(Utf8JsonWriter writer, AdvancedFilter filter)
    {
        switch (filter.Operator)
        {
            case FilterOperator.IsNullOrUndefined or FilterOperator.IsNotNull:
                break;
            case FilterOperator.BoolEquals:
                writer.WriteBoolean("value"u8, filter.Truth);
                break;
            case FilterOperator.NumberIn or FilterOperator.NumberNotIn:
                WriteArray(writer, filter.Numbers, WriteNumber);
                break;
            case FilterOperator.NumberInRange or FilterOperator.NumberNotInRange:
                WriteArray(writer, filter.Ranges, WriteRange);
                break;
            case < FilterOperator.BoolEquals:
                writer.WritePropertyName("value"u8);
                WriteNumber(writer, filter.Numbers[0]);
                break;
            default:
                WriteArray(writer, filter.Strings, static (w, text) => w.WriteStringValue(text));
                break;
        }
    }

    private static void WriteArray<T>(Utf8JsonWriter writer, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray("values"u8);
        foreach (var value in values)
        {
            write(writer, value);
        }

        writer.WriteEndArray();
    }

    private static void WriteRange(Utf8JsonWriter writer, (FilterNumber Low, FilterNumber High) range)
    {
        writer.WriteStartArray();
        WriteNumber(writer, range.Low);
        WriteNumber(writer, range.High);
        writer.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter writer, FilterNumber number)
    {
        if (number.Exact is { } exact)
        {
            writer.WriteNumberValue(exact);
        }
        else if (double.IsFinite(number.Approximate))
        {
            writer.WriteNumberValue(number.Approximate);
        }
        else
        {
            // Beyond what any number of an event compares with; JSON has no infinity.
            writer.WriteRawValue(number.Approximate > 0 ? "1e999"u8 : "-1e999"u8);
        }
    }
}
