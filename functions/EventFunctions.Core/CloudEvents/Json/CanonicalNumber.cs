using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>
/// Writes a JSON number in the layout that RFC 8785 takes over from ECMAScript, but from its own digits instead of a
/// double's: the same for numbers that a double holds in as many digits, and exact for those it would round.
/// </summary>
internal static class CanonicalNumber
{
    // 18 digits of exponent fit an Int64 with room for the shift; numbers beyond keep their spelling.
    private const int MaxExponentDigits = 18;

    public static void Write(ReadOnlySpan<byte> number, CanonicalBuffer output)
    {
        if (!number.ContainsAnyExceptInRange((byte)'0', (byte)'9') && number.Length <= 15)
        {
            output.Append(number);
            return;
        }

        var isNegative = number[0] == '-';
        var unsigned = isNegative ? number[1..] : number;
        var mantissaEnd = unsigned.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mantissaEnd < 0 ? unsigned : unsigned[..mantissaEnd];
        var exponent = mantissaEnd < 0 ? [] : unsigned[(mantissaEnd + 1)..];

        var digits = ArrayPool<byte>.Shared.Rent(mantissa.Length);
        var point = mantissa.IndexOf((byte)'.');
        var integer = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? [] : mantissa[(point + 1)..];
        integer.CopyTo(digits);
        fraction.CopyTo(digits.AsSpan(integer.Length));
        var all = digits.AsSpan(0, integer.Length + fraction.Length);
        var significant = all.TrimStart((byte)'0');
        var pointAfter = (long)integer.Length - (all.Length - significant.Length);
        significant = significant.TrimEnd((byte)'0');

        if (significant.IsEmpty)
        {
            output.Append((byte)'0');
        }
        else if (!TryReadExponent(exponent, out var shift))
        {
            output.Append(number);
        }
        else
        {
            if (isNegative)
            {
                output.Append((byte)'-');
            }

            WriteLayout(significant, pointAfter + shift, output);
        }

        ArrayPool<byte>.Shared.Return(digits);
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> exponent, out long value)
    {
        value = 0;
        var digits = exponent.TrimStart("+-"u8).TrimStart((byte)'0');
        if (digits.IsEmpty)
        {
            return true;
        }

        var isSmall = digits.Length <= MaxExponentDigits && Utf8Parser.TryParse(digits, out value, out _);
        value = exponent[0] == '-' ? -value : value;
        return isSmall;
    }

    // ECMAScript's Number::toString: k digits, of which the first n stand before the point.
    private static void WriteLayout(ReadOnlySpan<byte> digits, long n, CanonicalBuffer output)
    {
        var k = digits.Length;
        if (k <= n && n <= 21)
        {
            output.Append(digits);
            output.AppendRepeated((byte)'0', (int)n - k);
        }
        else if (n is > 0 and <= 21)
        {
            output.Append(digits[..(int)n]);
            output.Append((byte)'.');
            output.Append(digits[(int)n..]);
        }
        else if (n is > -6 and <= 0)
        {
            output.Append("0."u8);
            output.AppendRepeated((byte)'0', (int)-n);
            output.Append(digits);
        }
        else
        {
            output.Append(digits[..1]);
            if (k > 1)
            {
                output.Append((byte)'.');
                output.Append(digits[1..]);
            }

            output.Append(n > 0 ? "e+"u8 : "e-"u8);
            output.Append(Encoding.ASCII.GetBytes(Math.Abs(n - 1).ToString(CultureInfo.InvariantCulture)));
        }
    }
}
