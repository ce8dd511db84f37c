using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Definitions;

/// <summary>Writes members of an object where they say something.</summary>
internal static class OptionalMembers
{
    public static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyCollection<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    public static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    public static void WriteRaw(Utf8JsonWriter writer, string name, string? json)
    {
        if (json is not null)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    public static void WriteNumber(Utf8JsonWriter writer, string name, int? number)
    {
        if (number is { } value)
        {
            writer.WriteNumber(name, value);
        }
    }

    public static void WriteDuration(Utf8JsonWriter writer, string name, TimeSpan? duration) =>
        WriteText(writer, name, duration?.ToString("c", CultureInfo.InvariantCulture));
}
