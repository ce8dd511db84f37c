namespace EventFunctions.Schemas.Patterns;

/// <summary>Reads a class of characters, such as <c>[a-z\d]</c>.</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="at">Where the class begins, behind its bracket.</param>
internal ref struct PatternClass(string pattern, int at)
{
    private readonly List<(int First, int Last)> _ranges = [];
    private int _at = at;
    private int _categories;

    /// <summary>Reads the class.</summary>
    /// <param name="end">The place behind it.</param>
    /// <exception cref="FormatException">It is no class.</exception>
    public CharacterSet Read(out int end)
    {
        var isNegative = Peek() == '^';
        _at += isNegative ? 1 : 0;
        if (Peek() == ']')
        {
            throw new FormatException("A character class must not be empty.");
        }

        while (Peek() != ']')
        {
            ReadItem();
        }

        end = _at + 1;
        return new CharacterSet(_ranges, _categories, isNegative);
    }

    private readonly char Peek() => _at < pattern.Length ? pattern[_at] : throw new FormatException("A character class is not closed.");

    private void ReadItem()
    {
        var first = ReadOne();
        var isRange = Peek() == '-' && _at + 1 < pattern.Length && pattern[_at + 1] != ']';
        if (!isRange)
        {
            if (first is { } single)
            {
                _ranges.Add((single, single));
            }

            return;
        }

        _at++;
        _ranges.Add(ReadOne() is { } last && first <= last
            ? (first.Value, last)
            : throw new FormatException("A range in a character class must run from a character to a later one."));
    }

    // Null for a class within the class, which is added at once.
    private int? ReadOne()
    {
        if (Peek() != '\\')
        {
            return PatternEscape.CodePointAt(pattern, ref _at);
        }

        _at++;
        if (PatternEscape.TryReadClass(pattern, ref _at, _ranges, ref _categories))
        {
            return null;
        }

        if (_at < pattern.Length && pattern[_at] is 'b' or '-')
        {
            return pattern[_at++] == 'b' ? '\b' : '-';
        }

        return PatternEscape.ReadCharacter(pattern, ref _at);
    }
}
