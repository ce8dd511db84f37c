using System.Globalization;

namespace EventFunctions.Records;

/// <summary>
/// The one spelling of times in documents, events and answers: RFC 3339 in UTC with exactly three decimals, so that texts
/// compare as times do. A store's queries rely on documents and bounds being spelt alike.
/// </summary>
public static class UtcMilliseconds
{
    /// <summary>The .NET format string, for the invariant culture.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Returns a time's text, truncated to milliseconds.</summary>
    /// <param name="time">Any time.</param>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>A time as it is after having been written and read.</summary>
    /// <param name="time">Any time.</param>
    public static DateTimeOffset Cut(DateTimeOffset time) => time.ToUniversalTime().AddTicks(-(time.UtcTicks % TimeSpan.TicksPerMillisecond));
}
