using System.Globalization;

namespace EventFunctions.CloudEvents;

/// <summary>
/// A time by RFC 3339, in every spelling that it allows: <c>t</c> and <c>z</c> in lower case, and leap seconds, which readers of CloudEvents
/// refuse. A leap second is the same instant as the second after it, as in Unix time.
/// </summary>
internal sealed class EventTime
{
    // Azure's own CloudEvent reads no longer ones: "2026-01-01T00:00:00.1234567890123456+00:00".
    private const int MaxLength = 42;

    private const int MaxOffsetMinutes = 14 * 60;
    private const string ToTheSecond = "yyyy-MM-dd'T'HH:mm:ss";
    private const int SecondLength = 19;

    private readonly DateTime _local;
    private readonly TimeSpan _offset;
    private readonly string _fraction;
    private readonly string _zone;

    private EventTime(DateTime local, TimeSpan offset, string fraction, string zone, bool isRegular) =>
        (_local, _offset, _fraction, _zone, IsRegular) = (local, offset, fraction, zone, isRegular);

    /// <summary>Whether readers of CloudEvents accept the spelling.</summary>
    public bool IsRegular { get; }

    /// <summary>The same instant with the same digits and offset, as readers of CloudEvents accept it.</summary>
    public string Regular => Text(_local) + _fraction + _zone;

    /// <summary>The one spelling of the instant, with all its digits.</summary>
    public string Canonical => Text(_local - _offset) + _fraction.TrimEnd('0').TrimEnd('.') + "Z";

    /// <summary>The instant, UTC.</summary>
    public DateTimeOffset Instant
    {
        get
        {
            var ticks = _fraction.Length > 1 ? long.Parse(_fraction.AsSpan(1).ToString().PadRight(7, '0')[..7], CultureInfo.InvariantCulture) : 0;
            return new DateTimeOffset(_local - _offset, TimeSpan.Zero).AddTicks(ticks);
        }
    }

    /// <summary>Reads a time; null if the text is not one.</summary>
    /// <param name="text">The text.</param>
    public static EventTime? TryParse(string? text)
    {
        if (text is null || text.Length is <= SecondLength or > MaxLength)
        {
            return null;
        }

        var zoneStart = text.AsSpan(SecondLength).IndexOfAny("Zz+-");
        if (zoneStart < 0 || !IsFraction(text.AsSpan(SecondLength, zoneStart)) || OffsetOf(text.AsSpan(SecondLength + zoneStart)) is not { } offset)
        {
            return null;
        }

        var isLeap = text.AsSpan(17, 2) is "60";
        var second = string.Concat(text.AsSpan(0, 10), text[10] == 't' ? "T" : text.AsSpan(10, 1), text.AsSpan(11, 6), isLeap ? "59" : text.AsSpan(17, 2));
        if (!DateTime.TryParseExact(second, ToTheSecond, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) || !IsInRange(local.Ticks - offset.Ticks))
        {
            return null;
        }

        if (isLeap)
        {
            // Leap seconds are the last ones of a day, in UTC.
            if ((local - offset) is not { Hour: 23, Minute: 59 } || local.Year == 9999)
            {
                return null;
            }

            local = local.AddSeconds(1);
        }

        var fraction = text.Substring(SecondLength, zoneStart);
        var zone = text[(SecondLength + zoneStart)..];
        return new EventTime(local, offset, fraction, zone.ToUpperInvariant(), isRegular: !isLeap && text[10] == 'T' && zone[0] != 'z');
    }

    private static string Text(DateTime time) => time.ToString(ToTheSecond, CultureInfo.InvariantCulture);

    private static bool IsFraction(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text.Length > 1 && text[0] == '.' && !text[1..].ContainsAnyExceptInRange('0', '9'));

    private static TimeSpan? OffsetOf(ReadOnlySpan<char> zone)
    {
        if (zone is "Z" or "z")
        {
            return TimeSpan.Zero;
        }

        if (zone.Length != 6 || zone[3] != ':'
            || !int.TryParse(zone[1..3], NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(zone[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || minutes > 59 || (hours * 60) + minutes > MaxOffsetMinutes)
        {
            return null;
        }

        var offset = new TimeSpan(hours, minutes, 0);
        return zone[0] == '-' ? -offset : offset;
    }

    private static bool IsInRange(long ticks) => ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;
}
