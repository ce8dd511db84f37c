using System.Globalization;
using System.Numerics;

namespace EventFunctions.Schemas;

/// <summary>A number that others may be integer multiples of, to the last digit.</summary>
/// <param name="divisor">The number, above zero.</param>
internal sealed class ExactDivisor(ExactNumber divisor)
{
    /// <summary>The most digits that it may have: a division takes time in proportion to them.</summary>
    public const int MaxDigits = 100;

    private const int ChunkDigits = 18;

    private static readonly BigInteger ChunkBase = BigInteger.Pow(10, ChunkDigits);

    private readonly BigInteger _modulus = BigInteger.Parse(divisor.Digits, CultureInfo.InvariantCulture);

    /// <summary>How many steps the division of a number takes: one for each of the divisor's digits that a chunk meets, and the power of ten.</summary>
    public int StepsFor(ExactNumber number)
    {
        var size = 4 + (divisor.Digits.Length / ChunkDigits);
        var chunks = 1 + (number.Digits.Length / ChunkDigits);
        return size * (chunks + BitOperations.Log2((ulong)Math.Max(1, number.Exponent - divisor.Exponent)));
    }

    /// <summary>Whether a number is an integer multiple.</summary>
    public bool Divides(ExactNumber number)
    {
        if (number.IsZero)
        {
            return true;
        }

        // Both as integers times a power of ten. The last digit is not zero, so that a power of ten less leaves a remainder.
        var shift = number.Exponent - divisor.Exponent;
        return shift >= 0 && (Remainder(number.Digits) * BigInteger.ModPow(10, shift, _modulus) % _modulus).IsZero;
    }

    private BigInteger Remainder(string digits)
    {
        var remainder = BigInteger.Zero;
        for (var i = 0; i < digits.Length; i += ChunkDigits)
        {
            var chunk = digits.AsSpan(i, Math.Min(ChunkDigits, digits.Length - i));
            var power = chunk.Length == ChunkDigits ? ChunkBase : BigInteger.Pow(10, chunk.Length);
            remainder = ((remainder * power) + long.Parse(chunk, NumberStyles.None, CultureInfo.InvariantCulture)) % _modulus;
        }

        return remainder;
    }
}
