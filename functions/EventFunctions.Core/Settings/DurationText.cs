using System.Globalization;

namespace EventFunctions.Settings;

/// <summary>Reads durations.</summary>
internal static class DurationText
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text"><c>[d.]hh:mm:ss</c>. 24:00:00 means a day, where .NET reads 24 days or nothing at all; 5 alone, which .NET reads as days, is not a duration.</param>
    /// <returns>Null if the text is not a duration.</returns>
    public static TimeSpan? Parse(string? text) =>
        text?.Contains(':', StringComparison.Ordinal) != true ? null
        : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var exact) ? exact
        : text.Split(':') is [{ Length: <= 4 } hours, { Length: 2 } minutes, { Length: 2 } seconds]
            && int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && TimeSpan.TryParseExact($"00:{minutes}:{seconds}", "c", CultureInfo.InvariantCulture, out var rest) ? TimeSpan.FromHours(count) + rest
        : null;
}
