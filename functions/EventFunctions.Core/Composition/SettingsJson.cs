using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Composition;

/// <summary>Settings as the JSON that they might have come from: sections are objects, or arrays where their names are numbers; all values are strings.</summary>
internal static class SettingsJson
{
    /// <summary>Puts a section together.</summary>
    /// <param name="section">The section.</param>
    public static JsonElement Of(IConfigurationSection section) => JsonElement.Parse(Node(section)?.ToJsonString() ?? "null");

    private static JsonNode? Node(IConfigurationSection section)
    {
        var children = section.GetChildren().ToList();
        return children.Count == 0 ? section.Value is { } value ? JsonValue.Create(value) : null
            : children.TrueForAll(child => child.Key.All(char.IsAsciiDigit)) ? new JsonArray([.. children.Select(Node)])
            : new JsonObject(children.Select(child => KeyValuePair.Create(child.Key, Node(child))));
    }
}
