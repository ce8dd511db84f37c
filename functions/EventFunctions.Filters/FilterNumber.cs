using System.Globalization;

namespace EventFunctions.Filters;

/// <summary>
/// A number as filters compare it: as a decimal, like the service, and as a double only where a decimal has no room for it.
/// </summary>
internal readonly record struct FilterNumber(decimal? Exact, double Approximate) : IComparable<FilterNumber>
{
    /// <summary>Reads a JSON number.</summary>
    public static FilterNumber Parse(ReadOnlySpan<byte> utf8) => new(
        decimal.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? exact : null,
        double.Parse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public int CompareTo(FilterNumber other) =>
        Exact is { } left && other.Exact is { } right ? left.CompareTo(right) : Approximate.CompareTo(other.Approximate);
}
