namespace EventFunctions.Filters;

/// <summary>Searches a text for others without regard to case, in time proportional to its length.</summary>
internal readonly ref struct FilterSearch
{
    // .NET compares at every place anew, which takes seconds for a long text and a long value of the same letter.
    private const int ShortText = 1_024;
    private const int ShortValue = 8;

    private readonly string _text;
    private readonly string? _upper;

    /// <param name="text">The text.</param>
    public FilterSearch(string text) => (_text, _upper) = (text, text.Length > ShortText ? text.ToUpperInvariant() : null);

    /// <summary>Whether the text contains a value.</summary>
    public bool Contains(string value) => _upper is null || value.Length <= ShortValue
        ? _text.Contains(value, StringComparison.OrdinalIgnoreCase)
        : Find(_upper, value.ToUpperInvariant());

    // Knuth, Morris and Pratt: after a mismatch goes on with the longest beginning of the value that has just been read.
    private static bool Find(string text, string value)
    {
        Span<int> resume = stackalloc int[AdvancedFilters.MaxStringLength];
        resume[0] = 0;
        for (int i = 1, length = 0; i < value.Length; i++)
        {
            length = Extend(value, resume, length, value[i]);
            resume[i] = length;
        }

        var matched = 0;
        foreach (var letter in text)
        {
            matched = Extend(value, resume, matched, letter);
            if (matched == value.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static int Extend(string value, ReadOnlySpan<int> resume, int matched, char letter)
    {
        while (matched > 0 && value[matched] != letter)
        {
            matched = resume[matched - 1];
        }

        return value[matched] == letter ? matched + 1 : 0;
    }
}
