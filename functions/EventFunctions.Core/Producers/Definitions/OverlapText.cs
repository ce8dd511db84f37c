using System.Globalization;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads for how long an old secret or key is valid beside the new one.</summary>
internal static class OverlapText
{
    /// <summary>Reads a length of time.</summary>
    /// <param name="text"><c>[d.]hh:mm:ss</c>. 24:00:00 means a day, where .NET reads 24 days or nothing at all.</param>
    /// <param name="max">The longest that may be asked for.</param>
    /// <returns>Null if the text is no such length.</returns>
    public static TimeSpan? Parse(string text, TimeSpan max)
    {
        var parts = text.Split(':');
        TimeSpan? length = TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var exact) ? exact
            : parts is [{ Length: <= 3 } hours, { Length: 2 }, { Length: 2 }]
                && int.TryParse(hours, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && TimeSpan.TryParseExact("00:" + parts[1] + ":" + parts[2], "c", CultureInfo.InvariantCulture, out var rest) ? TimeSpan.FromHours(count) + rest
            : null;
        return length >= TimeSpan.Zero && length <= max ? length : null;
    }
}
