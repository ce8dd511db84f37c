using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Filters;

/// <summary>Explains why text is not JSON, to a caller who does not know .NET.</summary>
public static class JsonFault
{
    private static readonly string[] Ends = [" Path: ", " LineNumber: "];

    /// <summary>Returns one sentence with the place of the fault.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="error">The reader's error.</param>
    public static string Explain(ReadOnlySpan<byte> utf8, JsonException error) =>
        utf8.Trim(" \t\r\n"u8).IsEmpty ? "The body is empty. Send JSON." : Explain(error);

    /// <summary>Returns one sentence with the place of the fault.</summary>
    /// <param name="error">The reader's error.</param>
    public static string Explain(JsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var end = Ends.Select(text => error.Message.IndexOf(text, StringComparison.Ordinal)).Where(at => at >= 0).DefaultIfEmpty(error.Message.Length).Min();
        var what = error.Message.Contains("isFinalBlock", StringComparison.Ordinal) ? "The text ends before any value." : error.Message[..end];
        return error.LineNumber is { } line
            ? string.Create(CultureInfo.InvariantCulture, $"Not JSON at line {line + 1}, byte {error.BytePositionInLine + 1}: {what}")
            : $"Not JSON: {what}";
    }
}
