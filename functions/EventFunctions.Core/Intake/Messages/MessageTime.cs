using System.Globalization;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Reads times as senders write them.</summary>
internal static class MessageTime
{
    private const int MaxLength = 40;
    private const int MillisecondDigits = 14;
    private const int SecondDigits = 11;

    private static readonly string[] Rfc3339 =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    /// <summary>Returns the instant; null if the text is not a time in this format.</summary>
    public static DateTimeOffset? Parse(string? text, TimeFormat format) => text is not { Length: > 0 and <= MaxLength } ? null : format switch
    {
        TimeFormat.Rfc3339 => ParseRfc3339(text),
        TimeFormat.Milliseconds => ParseWhole(text, MillisecondDigits) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null,
        _ => ParseWhole(text, SecondDigits) is { } seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
    };

    /// <summary>Returns the time as in RFC 3339; null if the text is not a time in this format. Seconds may have a fraction.</summary>
    public static string? ToRfc3339(string text, TimeFormat format)
    {
        var fraction = text.IndexOf('.', StringComparison.Ordinal);
        if (format != TimeFormat.Seconds || fraction < 0)
        {
            return Parse(text, format)?.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
        }

        return Parse(text[..fraction], format) is { } whole && text[(fraction + 1)..] is { Length: > 0 and <= 9 } digits && digits.All(char.IsAsciiDigit)
            ? whole.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + "." + digits + "Z"
            : null;
    }

    // .NET reads seven decimals; senders write up to nine.
    private static DateTimeOffset? ParseRfc3339(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var end = dot < 0 ? -1 : text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9');
        var shortened = end > 7 ? text[..(dot + 8)] + text[(dot + 1 + end)..] : text;
        return text.Length > 10 && text.AsSpan(10).IndexOfAny("Zz+-") >= 0
            && DateTimeOffset.TryParseExact(shortened, Rfc3339, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? instant
            : null;
    }

    // Bounded, so that every number is an instant.
    private static long? ParseWhole(string text, int maxDigits) =>
        text.Length <= maxDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
