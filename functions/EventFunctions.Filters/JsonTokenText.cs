using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>Compares texts of JSON.</summary>
public static class JsonTokenText
{
    /// <summary>Returns whether a string or name is a text; false if escapes make up half of a surrogate pair.</summary>
    /// <param name="reader">Stands on the string or name.</param>
    /// <param name="utf8">The text.</param>
    public static bool Matches(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        try
        {
            return reader.ValueTextEquals(utf8);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
