using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EventFunctions.Schemas;

/// <summary>
/// A JSON number with all its digits: 30 of them compare as 30, and an exponent of a billion costs nothing. The number is
/// 0.<c>digits</c> times ten to the power of <c>point</c>.
/// </summary>
internal readonly struct ExactNumber : IComparable<ExactNumber>
{
    /// <summary>How much longer reading it takes than a look at each byte.</summary>
    public const int Weight = 2;

    private const int ChunkDigits = 18;

    // No JSON text that is read here has as many digits; sums of two still fit.
    private const long FarAway = long.MaxValue / 4;

    private readonly bool _isNegative;
    private readonly string _digits;
    private readonly long _point;

    private ExactNumber(bool isNegative, string digits, long point) => (_isNegative, _digits, _point) = (isNegative, digits, point);

    /// <summary>Whether there is no fraction: 1.0 and 1e2 are integers.</summary>
    public bool IsInteger => _point >= _digits.Length;

    /// <summary>Whether it is zero.</summary>
    public bool IsZero => _digits.Length == 0;

    /// <summary>Whether it is below zero.</summary>
    public bool IsNegative => _isNegative;

    /// <summary>The digits from the first to the last that is not zero.</summary>
    public string Digits => _digits;

    /// <summary>The power of ten that <see cref="Digits"/> as a whole number are multiplied by.</summary>
    public long Exponent => _point - _digits.Length;

    /// <summary>Reads a JSON number.</summary>
    public static ExactNumber Parse(ReadOnlySpan<byte> number)
    {
        var isNegative = number[0] == '-';
        var unsigned = isNegative ? number[1..] : number;
        var mantissaEnd = unsigned.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mantissaEnd < 0 ? unsigned : unsigned[..mantissaEnd];
        var exponent = mantissaEnd < 0 ? 0 : ReadExponent(unsigned[(mantissaEnd + 1)..]);
        var point = mantissa.IndexOf((byte)'.');
        var text = Encoding.ASCII.GetString(mantissa);
        var all = point < 0 ? text : text.Remove(point, 1);
        var leading = all.AsSpan().IndexOfAnyExcept('0');
        return leading < 0
            ? new ExactNumber(isNegative: false, "", 0)
            : new ExactNumber(isNegative, all[leading..].TrimEnd('0'), (point < 0 ? all.Length : point) - leading + exponent);
    }

    /// <summary>Reads a number that is a whole number from 0 to 2,147,483,647, however it is spelled.</summary>
    public bool TryGetCount(out int count)
    {
        count = 0;
        return !_isNegative && IsInteger && _point <= 10
            && int.TryParse(_digits.PadRight((int)_point, '0') is { Length: > 0 } text ? text : "0", NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }

    /// <inheritdoc/>
    public int CompareTo(ExactNumber other)
    {
        if (IsZero || other.IsZero || _isNegative != other._isNegative)
        {
            return Sign.CompareTo(other.Sign);
        }

        var magnitude = _point != other._point ? _point.CompareTo(other._point) : string.CompareOrdinal(_digits, other._digits);
        return _isNegative ? -magnitude : magnitude;
    }

    private int Sign => IsZero ? 0 : _isNegative ? -1 : 1;

    private static long ReadExponent(ReadOnlySpan<byte> exponent)
    {
        var digits = exponent.TrimStart("+-"u8).TrimStart((byte)'0');
        var value = digits.Length == 0 ? 0 : digits.Length <= ChunkDigits && Utf8Parser.TryParse(digits, out long parsed, out _) ? parsed : FarAway;
        return exponent[0] == '-' ? -value : value;
    }
}
