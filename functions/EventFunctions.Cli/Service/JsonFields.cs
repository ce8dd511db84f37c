using System.Text.Json;

namespace EventFunctions.Cli.Service;

/// <summary>Reads what the service sent, of which anything may be missing.</summary>
internal static class JsonFields
{
    /// <summary>Returns a property as text; null if it is missing or null.</summary>
    /// <param name="json">The object, or anything else.</param>
    /// <param name="name">The property.</param>
    public static string? Text(this JsonElement json, string name) => json.Property(name) is { } value ? TextOf(value) : null;

    /// <summary>Returns a property as a whole number; 0 if it is not one.</summary>
    /// <param name="json">The object, or anything else.</param>
    /// <param name="name">The property.</param>
    public static long Number(this JsonElement json, string name) =>
        json.Property(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : 0;

    /// <summary>Whether a property is true.</summary>
    /// <param name="json">The object, or anything else.</param>
    /// <param name="name">The property.</param>
    public static bool IsTrue(this JsonElement json, string name) => json.Property(name) is { ValueKind: JsonValueKind.True };

    /// <summary>Returns the items of a property; empty if it is not an array.</summary>
    /// <param name="json">The object, or anything else.</param>
    /// <param name="name">The property.</param>
    public static IReadOnlyList<JsonElement> Items(this JsonElement json, string name) =>
        json.Property(name) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()] : [];

    /// <summary>Returns a property; null if it is missing.</summary>
    /// <param name="json">The object, or anything else.</param>
    /// <param name="name">The property.</param>
    public static JsonElement? Property(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : null;

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Null => null,
                _ => value.GetRawText(),
            };
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which is JSON and no text.
            return value.GetRawText();
        }
    }
}
