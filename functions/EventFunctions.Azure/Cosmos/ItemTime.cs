using System.Globalization;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Times as documents spell them: in UTC with exactly three decimals, so that texts compare as times do.</summary>
internal static class ItemTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The time, cut to milliseconds.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>A bound rounded up: stored times are cut to milliseconds, and compare to it as they would to the bound itself.</summary>
    public static string Bound(DateTimeOffset bound)
    {
        var cut = DateTimeOffset.FromUnixTimeMilliseconds(bound.ToUnixTimeMilliseconds());
        return Text(bound > cut && cut < DateTimeOffset.MaxValue.AddMilliseconds(-1) ? cut.AddMilliseconds(1) : cut);
    }

    /// <summary>Whether a text is one of <see cref="Text"/>.</summary>
    public static bool IsTime(string? text) => DateTime.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
