using System.Globalization;

namespace EventFunctions.Schemas.Patterns;

/// <summary>
/// Reads regular expressions of ECMAScript with its <c>u</c> flag. Rejects constructs that need backtracking (lookaround, references) or
/// that other implementations read differently.
/// </summary>
internal ref struct PatternParser
{
    private const int MaxLength = 1_000;

    // A repetition is multiplied out.
    private const int MaxSize = 1_000;

    private const int MaxDepth = 64;

    private readonly string _pattern;
    private int _at;
    private int _depth;

    private PatternParser(string pattern) => _pattern = pattern;

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern, not anchored.</param>
    /// <exception cref="FormatException">It is rejected; the message says why.</exception>
    public static PatternNode Parse(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            throw new FormatException($"A pattern may have at most {MaxLength} characters.");
        }

        var parser = new PatternParser(pattern);
        var node = parser.ReadAlternatives();
        return parser._at == pattern.Length ? node : throw new FormatException("A closing bracket has no opening bracket.");
    }

    private PatternNode ReadAlternatives()
    {
        var alternatives = new List<PatternNode>();
        do
        {
            var parts = new List<PatternNode>();
            while (_at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
            {
                parts.Add(ReadQuantified());
            }

            alternatives.Add(parts.Count == 1 ? parts[0] : new SequenceNode([.. parts]));
        }
        while (Skip('|'));

        return Bounded(alternatives.Count == 1 ? alternatives[0] : new AlternativesNode([.. alternatives]));
    }

    private PatternNode ReadQuantified()
    {
        var isAnchor = _pattern[_at] is '^' or '$';
        var node = ReadAtom();
        (int Min, int? Max)? counts = Skip('*') ? (0, null) : Skip('+') ? (1, null) : Skip('?') ? (0, 1) : Skip('{') ? ReadCounts() : null;
        if (counts is not var (min, max))
        {
            return node;
        }

        // Lazy or greedy makes no difference to whether there is a match.
        _ = Skip('?');
        return isAnchor ? throw new FormatException("^ and $ cannot be repeated.") : Bounded(new RepetitionNode(node, min, max));
    }

    private (int Min, int? Max) ReadCounts()
    {
        var end = _pattern.IndexOf('}', _at);
        var numbers = end < 0 ? [] : _pattern[_at..end].Split(',');
        int? min = null, max = null;
        var isValid = numbers.Length is 1 or 2 && TryReadCount(numbers[0], out min) && min is not null
            && (numbers.Length == 1 || TryReadCount(numbers[1], out max)) && !(max < min);
        if (!isValid)
        {
            throw new FormatException($"A repetition must be {{n}}, {{n,}} or {{n,m}} with numbers up to {MaxSize}. Write \\{{ for the character itself.");
        }

        _at = end + 1;
        return (min!.Value, numbers.Length == 1 ? min : max);
    }

    private static bool TryReadCount(string text, out int? count)
    {
        var isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxSize;
        count = isNumber ? number : null;
        return isNumber || text.Length == 0;
    }

    private PatternNode ReadAtom()
    {
        var c = _pattern[_at++];
        switch (c)
        {
            case '(':
                return ReadGroup();
            case '[':
                return new SetNode(new PatternClass(_pattern, _at).Read(out _at));
            case '\\':
                return PatternEscape.Read(_pattern, ref _at);
            case '.':
                return new SetNode(new CharacterSet([('\n', '\n'), ('\r', '\r'), ('\u2028', '\u2029')], isNegative: true));
            case '^' or '$':
                return new AnchorNode(IsStart: c == '^');
            case '*' or '+' or '?' or '{':
                throw new FormatException($"The character {c} has nothing to repeat. Write \\{c} for the character itself.");
            case '}' or ']':
                throw new FormatException($"The character {c} must be escaped. Write \\{c}.");
            default:
                _at--;
                return new LiteralNode(PatternEscape.CodePointAt(_pattern, ref _at));
        }
    }

    private PatternNode ReadGroup()
    {
        if (++_depth > MaxDepth)
        {
            throw new FormatException($"Groups may be nested at most {MaxDepth} levels deep.");
        }

        if (_at < _pattern.Length && _pattern[_at] == '?')
        {
            var rest = _pattern.AsSpan(_at);
            var nameEnd = rest.StartsWith("?<") && rest.Length > 2 && char.IsAsciiLetter(rest[2]) ? rest.IndexOf('>') : -1;
            _at += rest.StartsWith("?:") ? 2
                : nameEnd > 0 ? nameEnd + 1
                : throw new FormatException("Only the groups ( ), (?: ) and (?<name> ) are allowed: others need backtracking or are not ECMAScript.");
        }

        var node = ReadAlternatives();
        _depth--;
        return Skip(')') ? node : throw new FormatException("A group is not closed.");
    }

    private static PatternNode Bounded(PatternNode node) => node.Size <= MaxSize
        ? node
        : throw new FormatException($"The pattern's repetitions multiply to more than {MaxSize} characters. Limit a string's length with maxLength.");

    private bool Skip(char c)
    {
        var isNext = _at < _pattern.Length && _pattern[_at] == c;
        _at += isNext ? 1 : 0;
        return isNext;
    }
}
