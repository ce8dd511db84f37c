using System.Globalization;
using System.Numerics;

namespace EventFunctions.Schemas.Patterns;

/// <summary>The characters that one place of a pattern matches, as Unicode code points.</summary>
internal sealed class CharacterSet
{
    /// <summary>The largest code point.</summary>
    public const int MaxCodePoint = 0x10ffff;

    private const int AsciiCount = 128;

    private static readonly UInt128[] AsciiOf = [.. Enum.GetValues<UnicodeCategory>().Select(category => Enumerable.Range(0, AsciiCount)
        .Where(c => CharUnicodeInfo.GetUnicodeCategory(c) == category)
        .Aggregate(UInt128.Zero, (set, c) => set | (UInt128.One << c)))];

    private readonly int[] _firsts;
    private readonly int[] _lasts;
    private readonly int _categories;
    private readonly bool _isNegative;
    private readonly UInt128 _ascii;

    /// <param name="ranges">Ranges of code points, in any order.</param>
    /// <param name="categories">A bit for each <see cref="UnicodeCategory"/> that belongs to the set.</param>
    /// <param name="isNegative">Whether the set holds every other character instead.</param>
    public CharacterSet(IReadOnlyCollection<(int First, int Last)> ranges, int categories = 0, bool isNegative = false)
    {
        (_firsts, _lasts) = Disjoint(ranges);
        (_categories, _isNegative) = (categories, isNegative);
        foreach (var (first, last) in ranges)
        {
            for (var c = first; c <= Math.Min(last, AsciiCount - 1); c++)
            {
                _ascii |= UInt128.One << c;
            }
        }

        for (var rest = (uint)categories; rest != 0; rest &= rest - 1)
        {
            _ascii |= AsciiOf[BitOperations.TrailingZeroCount(rest)];
        }

        _ascii = isNegative ? ~_ascii : _ascii;
    }

    /// <summary>About how many bytes of memory it takes.</summary>
    public int Bytes => 128 + (8 * _firsts.Length);

    public bool Contains(int codePoint) => codePoint < AsciiCount ? ((_ascii >> codePoint) & 1) != 0 : Find(codePoint);

    /// <summary>Returns every code point outside the ranges.</summary>
    public static IEnumerable<(int First, int Last)> Complement(IEnumerable<(int First, int Last)> ranges)
    {
        var next = 0;
        foreach (var (first, last) in ranges.Order())
        {
            if (first > next)
            {
                yield return (next, first - 1);
            }

            next = Math.Max(next, last + 1);
        }

        if (next <= MaxCodePoint)
        {
            yield return (next, MaxCodePoint);
        }
    }

    private static (int[] Firsts, int[] Lasts) Disjoint(IReadOnlyCollection<(int First, int Last)> ranges)
    {
        var (firsts, lasts) = (new List<int>(ranges.Count), new List<int>(ranges.Count));
        foreach (var (first, last) in ranges.Count > 1 ? ranges.Order() : ranges.AsEnumerable())
        {
            if (lasts.Count > 0 && first <= lasts[^1])
            {
                lasts[^1] = Math.Max(lasts[^1], last);
            }
            else
            {
                firsts.Add(first);
                lasts.Add(last);
            }
        }

        return ([.. firsts], [.. lasts]);
    }

    private bool Find(int codePoint)
    {
        var index = Array.BinarySearch(_firsts, codePoint);
        index = index < 0 ? ~index - 1 : index;
        var isMember = (index >= 0 && codePoint <= _lasts[index])
            || (_categories != 0 && (_categories & (1 << (int)CharUnicodeInfo.GetUnicodeCategory(codePoint))) != 0);
        return isMember != _isNegative;
    }
}
