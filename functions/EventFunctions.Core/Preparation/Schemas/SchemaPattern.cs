using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EventFunctions.Preparation.Schemas;

/// <summary>
/// Regular expressions of ECMAScript (with its <c>u</c> flag) that take time in proportion to the text. What would need
/// backtracking (lookaround, references) or means something else to .NET is refused; what is only spelled otherwise is translated.
/// </summary>
internal ref struct SchemaPattern
{
    private const int MaxLength = 1_000;

    // A repetition is unrolled into the automaton.
    private const int MaxSize = 1_000;

    // What was accepted before less was.
    private const int MaxStoredSize = 5_000;

    // Where a repetition may begin at many places of the text at once, as the second in "[ab]*a[ab]{60}", the automaton has
    // states without number, each letter may make a new one, and a timeout is looked at every thousand letters.
    private const int MaxOpenRepetition = 64;

    private const string Spaces = @"\f\n\r\t\v\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";

    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(250);

    private readonly string _pattern;
    private readonly bool _isStored;
    private readonly int _maxSize;
    private readonly StringBuilder _output = new();
    private readonly Stack<int> _sizes = [];
    private int _at;
    private int _size;
    private int _last;
    private int _repeated;
    private int _repetitions;
    private bool _hasRange;
    private bool _isOpen;

    private SchemaPattern(string pattern, bool isStored) =>
        (_pattern, _isStored, _maxSize, _isOpen) = (pattern, isStored, isStored ? MaxStoredSize : MaxSize, !pattern.StartsWith('^'));

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern, not anchored.</param>
    /// <param name="isStored">Whether it was accepted once, perhaps when more was.</param>
    /// <exception cref="FormatException">It is refused; the message says why.</exception>
    public static Regex Compile(string pattern, bool isStored)
    {
        if (pattern.Length > MaxLength)
        {
            throw new FormatException($"A pattern has at most {MaxLength} characters.");
        }

        var translated = new SchemaPattern(pattern, isStored).Translate();
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (NotSupportedException)
        {
            throw new FormatException("The pattern is too large with its repetitions multiplied out, or needs backtracking, whose time may have no bound.");
        }
        catch (ArgumentException e)
        {
            throw new FormatException("Not a regular expression: " + e.Message);
        }
    }

    private string Translate()
    {
        while (_at < _pattern.Length)
        {
            var c = _pattern[_at++];
            switch (c)
            {
                case '\\':
                    Atom(Escape(inClass: false));
                    break;
                case '[':
                    Atom(Class());
                    break;
                case '.':
                    Atom(NoneOf(@"\n\r\u2028\u2029"));
                    break;
                case '$':
                    Atom(@"\z");
                    break;
                case '(':
                    Open();
                    break;
                case ')':
                    Close();
                    break;
                case '*' or '+' or '?':
                    _isOpen |= c != '?';
                    _output.Append(c);
                    break;
                case '|':
                    // Beside what begins at the start of the text stands what may begin anywhere.
                    _isOpen |= _sizes.Count == 0;
                    Atom("|");
                    break;
                case '{':
                    Repeat();
                    break;
                case '}' or ']':
                    throw new FormatException($"The character {c} stands alone; write \\{c}.");
                default:
                    Atom(Literal(c));
                    break;
            }
        }

        return _isStored || _repeated <= MaxOpenRepetition || !(_isOpen || (_hasRange && _repetitions > 1))
            ? _output.ToString()
            : throw new FormatException(
                $"Classes and repetitions may multiply to {MaxOpenRepetition} characters at most where they can begin at several places of the text: "
                + "without ^ at the start, or beside another repetition of no fixed number. The length of a string is for maxLength to bound.");
    }

    private void Atom(string text)
    {
        _output.Append(text);
        Grow(1);

        // Classes one after the other are a repetition, too.
        _repeated += text[0] is '[' or '(' || text.StartsWith("\\p", StringComparison.OrdinalIgnoreCase) ? 1 : 0;
    }

    private void Grow(int size)
    {
        (_size, _last) = (_size + size, size);
        if (_size > _maxSize)
        {
            throw new FormatException($"The pattern's repetitions multiply to more than {_maxSize} characters; the length of a string is for maxLength to bound.");
        }
    }

    // A character beyond the basic plane is two of .NET's; a quantifier is to mean both.
    private string Literal(char c) =>
        char.IsHighSurrogate(c) && _at < _pattern.Length ? $"(?:{c}{_pattern[_at++]})" : c.ToString();

    private void Open()
    {
        _sizes.Push(_size);
        _size = 0;
        if (_at < _pattern.Length && _pattern[_at] == '?')
        {
            var rest = _pattern.AsSpan(_at);
            var isNamed = rest.StartsWith("?<") && rest.Length > 2 && char.IsAsciiLetter(rest[2]);
            if (!rest.StartsWith("?:") && !isNamed)
            {
                throw new FormatException("Of groups, only ( ), (?: ) and (?<name> ) are allowed: others need backtracking or are not ECMAScript's.");
            }

            _at += isNamed ? rest.IndexOf('>') + 1 : 2;
        }

        // What a group is called does not matter for a match.
        _output.Append("(?:");
    }

    private void Close()
    {
        if (_sizes.Count == 0)
        {
            throw new FormatException("A group is closed that was not opened.");
        }

        _output.Append(')');
        var size = Math.Max(1, _size);
        _size = _sizes.Pop();
        Grow(size);
    }

    private void Repeat()
    {
        var maxSize = _maxSize;
        var end = _pattern.IndexOf('}', _at);
        var numbers = end < 0 ? [] : _pattern[_at..end].Split(',');
        var counts = numbers.Where(n => n.Length > 0).Select(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : -1).ToList();
        if (numbers is not { Length: 1 or 2 } || numbers[0].Length == 0 || counts.Exists(count => count < 0 || count > maxSize))
        {
            throw new FormatException($"A repetition is {{n}}, {{n,}} or {{n,m}} with numbers up to {_maxSize}; the character itself is \\{{.");
        }

        _output.Append('{').Append(_pattern, _at, end - _at).Append('}');
        _at = end + 1;
        var times = Math.Max(1, counts.Max());
        var more = (long)_last * (times - 1);
        _repetitions++;
        _repeated += (int)Math.Min(more, _maxSize);
        _hasRange |= counts.Count == 2 && counts[0] != counts[1];
        _isOpen |= numbers is [_, ""];
        var last = _last;
        Grow((int)Math.Min(more, _maxSize + 1));
        _last = (int)Math.Min((long)last * times, _maxSize);
    }

    private string Escape(bool inClass)
    {
        var c = _at < _pattern.Length ? _pattern[_at++] : throw new FormatException("The pattern ends in a backslash.");
        return c switch
        {
            'd' => inClass ? "0-9" : "[0-9]",
            'w' => inClass ? "A-Za-z0-9_" : "[A-Za-z0-9_]",
            's' => inClass ? Spaces : $"[{Spaces}]",
            'D' when !inClass => NoneOf("0-9"),
            'W' when !inClass => NoneOf("A-Za-z0-9_"),
            'S' when !inClass => NoneOf(Spaces),
            'f' or 'n' or 'r' or 't' or 'v' => $"\\{c}",
            'b' when inClass => "\\b",
            '0' when _at == _pattern.Length || !char.IsAsciiDigit(_pattern[_at]) => "\\0",
            'x' => "\\x" + Hex(2),
            'u' => Unicode(),
            'p' or 'P' => $"\\{c}" + Property(),
            '^' or '$' or '\\' or '.' or '*' or '+' or '?' or '(' or ')' or '[' or ']' or '{' or '}' or '|' or '/' => $"\\{c}",
            '-' when inClass => "\\-",
            _ => throw new FormatException($"The escape \\{c} is not allowed here: it is not ECMAScript's, or means something else to other readers."),
        };
    }

    private string Unicode()
    {
        if (_at < _pattern.Length && _pattern[_at] == '{')
        {
            var end = _pattern.IndexOf('}', _at);
            return end > 0 && int.TryParse(_pattern.AsSpan(_at + 1, end - _at - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                && code is >= 0 and <= 0xffff && Skip(end + 1)
                    ? "\\u" + code.ToString("x4", CultureInfo.InvariantCulture)
                    : throw new FormatException("\\u{…} holds a code up to ffff; write characters beyond as they are.");
        }

        return "\\u" + Hex(4);
    }

    private bool Skip(int to)
    {
        _at = to;
        return true;
    }

    private string Hex(int digits)
    {
        var text = _at + digits <= _pattern.Length ? _pattern.Substring(_at, digits) : "";
        _at += digits;
        return text.Length > 0 && text.All(char.IsAsciiHexDigit)
            ? text
            : throw new FormatException("\\x and \\u are followed by 2 and 4 hexadecimal digits.");
    }

    private string Property()
    {
        var end = _pattern.IndexOf('}', _at);
        var text = end > _at && _pattern[_at] == '{' ? _pattern[_at..(end + 1)] : "";
        _at += text.Length;

        // One or two letters: the general categories, which .NET and ECMAScript share.
        return text.Length is 3 or 4 ? text : throw new FormatException("\\p{…} names a general category by its short name, such as \\p{L} or \\p{Lu}.");
    }

    // What is not in a class may be a character beyond the basic plane, which is two of .NET's.
    private static string NoneOf(string characters) => $@"(?:[\ud800-\udbff][\udc00-\udfff]|[^{characters}\ud800-\udfff])";

    private string Class()
    {
        var output = new StringBuilder();
        var isNegative = _at < _pattern.Length && _pattern[_at] == '^' && Skip(_at + 1);

        var start = _at;
        while (true)
        {
            var c = _at < _pattern.Length ? _pattern[_at++] : throw new FormatException("A class of characters is not closed.");
            switch (c)
            {
                case ']' when _at - 1 == start:
                    throw new FormatException("A class of characters is empty.");
                case ']':
                    return isNegative ? NoneOf(output.ToString()) : $"[{output}]";
                case '\\':
                    output.Append(Escape(inClass: true));
                    break;
                case '[':
                    output.Append("\\[");
                    break;
                default:
                    output.Append(char.IsSurrogate(c) ? throw new FormatException("Characters beyond U+FFFF cannot stand in a class; write them as alternatives.") : c);
                    break;
            }
        }
    }
}
