using System.Text.Json;
using EventFunctions.CloudEvents;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Composition;

/// <summary>Settings as the JSON that they might have come from: sections are objects, or arrays where their names are numbers; all values are strings.</summary>
internal static class SettingsJson
{
    /// <summary>Puts a section together.</summary>
    /// <param name="section">The section.</param>
    public static JsonElement Of(IConfigurationSection section) => JsonElement.Parse(JsonObjectBytes.WriteValue(writer => Write(writer, section)).Span);

    private static void Write(Utf8JsonWriter writer, IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        if (children.Count == 0)
        {
            writer.WriteStringValue(section.Value);
        }
        else if (children.TrueForAll(child => child.Key.All(char.IsAsciiDigit)))
        {
            writer.WriteStartArray();
            children.ForEach(item => Write(writer, item));
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteStartObject();
            foreach (var child in children)
            {
                writer.WritePropertyName(child.Key);
                Write(writer, child);
            }

            writer.WriteEndObject();
        }
    }
}
