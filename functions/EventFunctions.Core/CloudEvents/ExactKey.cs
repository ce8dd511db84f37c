using System.Buffers.Text;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>
/// Carries the identity of an event through the Functions host, which reads deliveries with Json.NET and writes texts that look like times
/// in another form (<c>2026-01-31T08:30:00.000Z</c> without the zeros).
/// </summary>
public static class ExactKey
{
    // Neither a source nor an ID can have one.
    private const char Separator = '\n';

    /// <summary>Returns the value of <see cref="ReservedNames.KeyAttribute"/>; null if the event does not need it.</summary>
    /// <param name="key">Who the event is.</param>
    public static string? Of(EventKey key) =>
        LooksLikeTime(key.Id) || LooksLikeTime(key.Source) ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(key.Source + Separator + key.Id)) : null;

    /// <summary>Reads a value of the attribute.</summary>
    /// <param name="text">The value.</param>
    /// <returns>Null if <see cref="Of"/> cannot have written it.</returns>
    public static EventKey? Read(string? text) =>
        text is not null && Base64Url.IsValid(text)
        && Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split(Separator) is [{ Length: > 0 } source, { Length: > 0 } id]
            ? new EventKey(source, id)
            : null;

    // What Json.NET tries to read as a time, and more.
    private static bool LooksLikeTime(string text) =>
        text.StartsWith("/Date(", StringComparison.Ordinal) || (text.Length is >= 19 and <= 40 && char.IsDigit(text[0]) && text[10] == 'T');
}
