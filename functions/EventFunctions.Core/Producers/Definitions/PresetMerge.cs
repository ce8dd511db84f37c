using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.CloudEvents;

namespace EventFunctions.Producers.Definitions;

/// <summary>
/// Puts a definition's own members over those of a preset, and tells them apart again. A member replaces the preset's whole member; null
/// takes it away, except for <c>data</c>, where null means no data.
/// </summary>
internal static class PresetMerge
{
    private const string Data = "data";

    /// <summary>Puts members on top.</summary>
    /// <param name="preset">An object.</param>
    /// <param name="own">The object with the members on top.</param>
    /// <param name="ignoreCase">Whether the names on top have no case.</param>
    public static JsonElement Apply(JsonElement preset, JsonElement own, bool ignoreCase)
    {
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var merged = new JsonObject();
        foreach (var member in preset.EnumerateObject().Where(member => !own.EnumerateObject().Any(over => string.Equals(over.Name, member.Name, comparison))))
        {
            merged[member.Name] = NodeOf(member.Value);
        }

        foreach (var member in own.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null || member.Name == Data))
        {
            merged[member.Name] = NodeOf(member.Value);
        }

        return JsonElement.Parse(merged.ToJsonString());
    }

    /// <summary>Returns the members that have to be on top of a preset.</summary>
    /// <param name="preset">An object.</param>
    /// <param name="whole">The object with both.</param>
    public static JsonObject Difference(JsonElement preset, JsonElement whole)
    {
        var difference = new JsonObject();
        foreach (var member in whole.EnumerateObject())
        {
            if (!preset.TryGetProperty(member.Name, out var given) || !JsonEquality.AreEqual(given, member.Value))
            {
                difference[member.Name] = NodeOf(member.Value);
            }
        }

        foreach (var member in preset.EnumerateObject().Where(member => !whole.TryGetProperty(member.Name, out _)))
        {
            difference[member.Name] = member.Name == Data ? "" : null;
        }

        return difference;
    }

    private static JsonNode? NodeOf(JsonElement json) => JsonNode.Parse(json.GetRawText());
}
