using System.Globalization;

namespace EventFunctions.Intake.Messages;

/// <summary>Replaces escaped halves of surrogate pairs, which senders make when they cut texts, by U+FFFD.</summary>
internal static class JsonRepair
{
    private const int EscapeLength = 6;

    /// <summary>Returns JSON without unpaired surrogates; the same bytes if there are none.</summary>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json)
    {
        byte[]? repaired = null;
        var bytes = json.Span;
        for (var at = bytes.IndexOf((byte)'\\'); at >= 0 && at + 1 < bytes.Length;)
        {
            var unit = UnitAt(bytes, at);
            var length = unit is null ? 2 : EscapeLength;
            if (unit is { } high && char.IsHighSurrogate(high) && UnitAt(bytes, at + EscapeLength) is { } low && char.IsLowSurrogate(low))
            {
                length = 2 * EscapeLength;
            }
            else if (unit is { } half && char.IsSurrogate(half))
            {
                repaired ??= json.ToArray();
                "\\ufffd"u8.CopyTo(repaired.AsSpan(at));
            }

            at += length;
            var next = at < bytes.Length ? bytes[at..].IndexOf((byte)'\\') : -1;
            at = next < 0 ? -1 : at + next;
        }

        return repaired ?? json;
    }

    // The code unit of an escape such as \ud83d; null where there is none.
    private static char? UnitAt(ReadOnlySpan<byte> json, int at) =>
        at + EscapeLength <= json.Length && json[at] == '\\' && json[at + 1] == 'u'
        && ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;
}
