using System.Globalization;
using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>Explains why text is not JSON, to a caller who does not know .NET.</summary>
internal static class JsonFault
{
    /// <summary>Returns one sentence with the place of the fault.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="error">The reader's error.</param>
    public static string Explain(ReadOnlySpan<byte> utf8, JsonException error)
    {
        if (utf8.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "The body is empty. Send JSON.";
        }

        var place = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return place < 0
            ? $"Not JSON: {error.Message}"
            : string.Create(
                CultureInfo.InvariantCulture, $"Not JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {error.Message.AsSpan(0, place)}");
    }
}
