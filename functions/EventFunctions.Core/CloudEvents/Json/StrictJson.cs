using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>
/// What RFC 8785 asks of JSON beyond its grammar: no name twice in an object, no string with half a surrogate pair. Without
/// it one payload has no single meaning, and no canonical form.
/// </summary>
internal static class StrictJson
{
    /// <summary>The deepest nesting that is read; consumers' own readers stop at the same depth.</summary>
    public const int MaxDepth = 64;

    /// <summary>Checks one value.</summary>
    /// <param name="reader">Stands on the value's first token; afterwards on its last.</param>
    /// <param name="path">Where the value is.</param>
    /// <param name="errors">What is wrong is added here.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static void Check(ref Utf8JsonReader reader, JsonPath path, ErrorList errors)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                CheckObject(ref reader, path, errors);
                break;
            case JsonTokenType.StartArray:
                CheckArray(ref reader, path, errors);
                break;
            case JsonTokenType.String when reader.ValueIsEscaped && !TryGetString(ref reader, out _):
                errors.Add(path, "The string contains an unpaired surrogate.");
                break;
            default:
                break;
        }
    }

    /// <summary>The text of a string or name.</summary>
    /// <param name="reader">Stands on it.</param>
    /// <param name="text">The text; empty where there is none.</param>
    /// <returns>False where escapes make up half of a surrogate pair.</returns>
    public static bool TryGetString(ref Utf8JsonReader reader, out string text)
    {
        try
        {
            text = reader.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static void CheckObject(ref Utf8JsonReader reader, JsonPath path, ErrorList errors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!TryGetString(ref reader, out var name))
            {
                errors.Add(path, "A name contains an unpaired surrogate.");
                reader.Skip();
                continue;
            }

            path.Push(name);
            if (!names.Add(name))
            {
                errors.Add(path, "The name occurs more than once in its object.");
            }

            reader.Read();
            Check(ref reader, path, errors);
            path.Pop();
        }
    }

    private static void CheckArray(ref Utf8JsonReader reader, JsonPath path, ErrorList errors)
    {
        path.Push(0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Check(ref reader, path, errors);
            path.MoveNext();
        }

        path.Pop();
    }
}
