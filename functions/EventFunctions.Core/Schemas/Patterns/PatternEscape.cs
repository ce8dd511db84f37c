using System.Globalization;

namespace EventFunctions.Schemas.Patterns;

/// <summary>Reads the part of an escape after its backslash.</summary>
internal static class PatternEscape
{
    private static readonly (int First, int Last)[] Digits = [('0', '9')];

    private static readonly (int First, int Last)[] Word = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

    private static readonly (int First, int Last)[] Spaces =
    [
        ('\t', '\r'), (' ', ' '), (0xa0, 0xa0), (0x1680, 0x1680), (0x2000, 0x200a), (0x2028, 0x2029), (0x202f, 0x202f), (0x205f, 0x205f), (0x3000, 0x3000),
        (0xfeff, 0xfeff),
    ];

    // The general categories in the order of UnicodeCategory.
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>Reads an escape outside of a class.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="at">The place behind the backslash, and then behind the escape.</param>
    /// <exception cref="FormatException">It is no escape.</exception>
    public static PatternNode Read(string pattern, ref int at)
    {
        var ranges = new List<(int, int)>();
        var categories = 0;
        return TryReadClass(pattern, ref at, ranges, ref categories)
            ? new SetNode(new CharacterSet(ranges, categories))
            : new LiteralNode(ReadCharacter(pattern, ref at));
    }

    /// <summary>Reads an escape that stands for several characters, such as <c>\d</c>, and adds them.</summary>
    public static bool TryReadClass(string pattern, ref int at, List<(int First, int Last)> ranges, ref int categories)
    {
        var c = at < pattern.Length ? pattern[at] : throw new FormatException("The pattern must not end in a backslash.");
        if (c is 'p' or 'P')
        {
            at++;
            var named = ReadCategories(pattern, ref at);
            categories |= c == 'p' ? named : ~named & ((1 << Categories.Length) - 1);
            return true;
        }

        var members = char.ToLowerInvariant(c) switch
        {
            'd' => Digits,
            'w' => Word,
            's' => Spaces,
            _ => null,
        };
        if (members is null)
        {
            return false;
        }

        at++;
        ranges.AddRange(char.IsAsciiLetterUpper(c) ? CharacterSet.Complement(members) : members);
        return true;
    }

    /// <summary>Reads an escape that stands for one character.</summary>
    public static int ReadCharacter(string pattern, ref int at)
    {
        var c = pattern[at++];
        switch (c)
        {
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case '0' when at == pattern.Length || !char.IsAsciiDigit(pattern[at]):
                return 0;
            case 'x':
                return ReadHex(pattern, ref at, 2);
            case 'u':
                return ReadUnicode(pattern, ref at);
            case '^' or '$' or '\\' or '.' or '*' or '+' or '?' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '/':
                return c;
            default:
                throw new FormatException($"The escape \\{c} is not allowed: it is not ECMAScript, or other implementations read it differently.");
        }
    }

    /// <summary>Reads a character that stands for itself.</summary>
    public static int CodePointAt(string pattern, ref int at)
    {
        var isPair = char.IsHighSurrogate(pattern[at]) && at + 1 < pattern.Length && char.IsLowSurrogate(pattern[at + 1]);
        var codePoint = isPair ? char.ConvertToUtf32(pattern[at], pattern[at + 1]) : pattern[at];
        at += isPair ? 2 : 1;
        return codePoint;
    }

    private static int ReadUnicode(string pattern, ref int at)
    {
        if (at < pattern.Length && pattern[at] == '{')
        {
            var end = pattern.IndexOf('}', at);
            var isCode = int.TryParse(end < 0 ? "" : pattern.AsSpan(at + 1, end - at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code);
            at = end + 1;
            return isCode && code is >= 0 and <= CharacterSet.MaxCodePoint ? code : throw new FormatException("\\u{…} must contain a hexadecimal code up to 10ffff.");
        }

        var high = ReadHex(pattern, ref at, 4);
        if (char.IsHighSurrogate((char)high) && at + 1 < pattern.Length && pattern[at] == '\\' && pattern[at + 1] == 'u')
        {
            var behind = at + 2;
            if (ReadHex(pattern, ref behind, 4) is var low && char.IsLowSurrogate((char)low))
            {
                at = behind;
                return char.ConvertToUtf32((char)high, (char)low);
            }
        }

        return high;
    }

    private static int ReadHex(string pattern, ref int at, int digits)
    {
        var text = at + digits <= pattern.Length ? pattern.AsSpan(at, digits) : default;
        at += digits;
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? code
            : throw new FormatException("\\x and \\u must be followed by 2 and 4 hexadecimal digits.");
    }

    private static int ReadCategories(string pattern, ref int at)
    {
        var end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
        var name = end < 0 ? "" : pattern[(at + 1)..end];
        at = end + 1;
        var categories = Categories.Index().Where(category => name.Length is 1 or 2 && category.Item.StartsWith(name, StringComparison.Ordinal)).Sum(category => 1 << category.Index);
        return categories != 0 ? categories : throw new FormatException("\\p{…} must name a general category by its short name, such as \\p{L} or \\p{Lu}.");
    }
}
