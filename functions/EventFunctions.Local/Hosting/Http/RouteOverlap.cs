using Microsoft.AspNetCore.Routing.Patterns;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Determines whether one request could match two functions. The Functions host ranks such routes by function name instead of literal
/// before parameter, so they would behave differently in Azure.
/// </summary>
internal static class RouteOverlap
{
    /// <summary>Whether some path and method fit both functions.</summary>
    /// <param name="first">A function.</param>
    /// <param name="second">Another.</param>
    public static bool Between(HttpFunction first, HttpFunction second) =>
        SharesMethod(first, second) && Fits(first.Route.PathSegments, second.Route.PathSegments);

    private static bool SharesMethod(HttpFunction first, HttpFunction second) =>
        first.Methods.Count == 0 || second.Methods.Count == 0 || first.Methods.Intersect(second.Methods, StringComparer.Ordinal).Any();

    private static bool Fits(IReadOnlyList<RoutePatternPathSegment> first, IReadOnlyList<RoutePatternPathSegment> second)
    {
        for (var i = 0; i < Math.Min(first.Count, second.Count); i++)
        {
            if (IsCatchAll(first[i]) || IsCatchAll(second[i]))
            {
                return true;
            }

            if (Literal(first[i]) is { } one && Literal(second[i]) is { } other && !one.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }

        var longer = first.Count > second.Count ? first : second;
        return longer.Skip(Math.Min(first.Count, second.Count)).All(IsOptional);
    }

    // Null where the segment can be more than one text.
    private static string? Literal(RoutePatternPathSegment segment) =>
        segment is { IsSimple: true, Parts: [RoutePatternLiteralPart literal] } ? literal.Content : null;

    private static bool IsCatchAll(RoutePatternPathSegment segment) => segment.Parts is [RoutePatternParameterPart { IsCatchAll: true }];

    private static bool IsOptional(RoutePatternPathSegment segment) =>
        segment.Parts is [RoutePatternParameterPart { IsOptional: true } or RoutePatternParameterPart { IsCatchAll: true } or RoutePatternParameterPart { Default: not null }];
}
