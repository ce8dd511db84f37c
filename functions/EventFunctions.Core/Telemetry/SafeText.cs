using System.Globalization;
using System.Text;

namespace EventFunctions.Telemetry;

/// <summary>
/// Makes text that came from anywhere harmless to a terminal: nothing in it moves the cursor, changes colours, ends the line or
/// turns the direction of what stands beside it. Such characters are shown as <c>\u001B</c>.
/// </summary>
public static class SafeText
{
    // They join letters of some scripts, and turn nothing.
    private const char ZeroWidthNonJoiner = '\u200C';
    private const char ZeroWidthJoiner = '\u200D';

    /// <summary>The text as one line.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        if (!text.Any(c => c > '~' || c < ' '))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Append(safe, rune);
        }

        return safe.ToString();
    }

    /// <summary>Adds a character, or its replacement.</summary>
    /// <param name="safe">What it is added to.</param>
    /// <param name="rune">The character.</param>
    public static void Append(StringBuilder safe, Rune rune)
    {
        if (!IsHarmful(rune))
        {
            safe.Append(rune.ToString());
            return;
        }

        // In UTF-16, so that it is JSON's own way to write it, too.
        Span<char> units = stackalloc char[2];
        foreach (var unit in units[..rune.EncodeToUtf16(units)])
        {
            safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
        }
    }

    private static bool IsHarmful(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => rune.Value is not (ZeroWidthNonJoiner or ZeroWidthJoiner),
        _ => false,
    };
}
