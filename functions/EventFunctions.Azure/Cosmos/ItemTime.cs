using System.Globalization;
using EventFunctions.Records;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Times in queries, spelt as documents spell them.</summary>
internal static class ItemTime
{
    /// <summary>A bound rounded up: stored times are cut to milliseconds, and compare to it as they would to the bound itself.</summary>
    public static string Bound(DateTimeOffset bound)
    {
        var cut = DateTimeOffset.FromUnixTimeMilliseconds(bound.ToUnixTimeMilliseconds());
        return UtcMilliseconds.Text(bound > cut && cut < DateTimeOffset.MaxValue.AddMilliseconds(-1) ? cut.AddMilliseconds(1) : cut);
    }

    /// <summary>Whether a text is one of <see cref="UtcMilliseconds.Text"/>.</summary>
    public static bool IsTime(string? text) => DateTime.TryParseExact(text, UtcMilliseconds.Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
