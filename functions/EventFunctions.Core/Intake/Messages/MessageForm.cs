using System.Text;
using System.Text.Json;

namespace EventFunctions.Intake.Messages;

/// <summary>Reads a body that is a form (<c>application/x-www-form-urlencoded</c>).</summary>
internal static class MessageForm
{
    // Twice what any sender is known to send.
    private const int MaxFields = 500;

    /// <summary>The fields in the order they came; null if there are too many.</summary>
    public static List<KeyValuePair<string, string>>? Read(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        var pairs = text.Split('&', MaxFields + 1, StringSplitOptions.RemoveEmptyEntries);
        return pairs.Length > MaxFields ? null : [.. pairs.Select(pair =>
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            return at < 0 ? new KeyValuePair<string, string>(Decode(pair), "") : new(Decode(pair[..at]), Decode(pair[(at + 1)..]));
        })];
    }

    /// <summary>The fields as a JSON object of strings; a name that comes more than once has an array.</summary>
    public static byte[] ToJson(IEnumerable<KeyValuePair<string, string>> fields) =>
        JsonSerializer.SerializeToUtf8Bytes(fields
            .GroupBy(field => field.Key, field => field.Value, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, object (group) => group.Count() == 1 ? group.First() : group.ToArray(), StringComparer.Ordinal));

    /// <summary>Each field's name followed by its value, in the order of the names, as Twilio signs them.</summary>
    public static string Sorted(IEnumerable<KeyValuePair<string, string>> fields) => string.Concat(fields
        .Distinct()
        .OrderBy(field => field.Key, StringComparer.Ordinal)
        .ThenBy(field => field.Value, StringComparer.Ordinal)
        .Select(field => field.Key + field.Value));

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
