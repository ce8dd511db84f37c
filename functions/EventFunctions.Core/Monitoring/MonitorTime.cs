using System.Globalization;
using EventFunctions.Records;

namespace EventFunctions.Monitoring;

/// <summary>Times as monitors keep them.</summary>
internal static class MonitorTime
{
    /// <summary>Reads a time of <see cref="UtcMilliseconds.Text"/>.</summary>
    public static DateTimeOffset Parse(string text) =>
        DateTimeOffset.ParseExact(text, UtcMilliseconds.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
