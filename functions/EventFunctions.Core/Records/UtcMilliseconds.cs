using System.Globalization;
using System.Text;

namespace EventFunctions.Records;

/// <summary>
/// The one spelling of times in documents, events and answers: RFC 3339 in UTC with exactly three decimals, so that texts
/// compare as times do. A store's queries rely on documents and bounds being spelt alike.
/// </summary>
public static class UtcMilliseconds
{
    /// <summary>The .NET format string, for the invariant culture.</summary>
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>How many characters, and bytes of UTF-8, a time has.</summary>
    internal const int Length = 24;

    /// <summary>Returns a time's text, truncated to milliseconds.</summary>
    /// <param name="time">Any time.</param>
    public static string Text(DateTimeOffset time)
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Write(time, utf8);
        return Encoding.ASCII.GetString(utf8);
    }

    /// <summary>Writes a time's text, truncated to milliseconds.</summary>
    /// <param name="time">Any time.</param>
    /// <param name="utf8">Gets the <see cref="Length"/> bytes.</param>
    internal static void Write(DateTimeOffset time, Span<byte> utf8)
    {
        // The runtime writes its own format much faster than a custom one; the decimals behind the milliseconds are cut.
        Span<byte> roundTrip = stackalloc byte[Length + 4];
        time.UtcDateTime.TryFormat(roundTrip, out _, "O", CultureInfo.InvariantCulture);
        roundTrip[..(Length - 1)].CopyTo(utf8);
        utf8[Length - 1] = (byte)'Z';
    }

    /// <summary>A time as it is after having been written and read.</summary>
    /// <param name="time">Any time.</param>
    public static DateTimeOffset Cut(DateTimeOffset time) => time.ToUniversalTime().AddTicks(-(time.UtcTicks % TimeSpan.TicksPerMillisecond));
}
