using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EventFunctions.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Http;

/// <summary>The preconditions of a request: <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110 §13.1).</summary>
internal static class PreconditionHeaders
{
    /// <summary>Reads them.</summary>
    /// <param name="request">The request.</param>
    /// <param name="precondition">What they ask.</param>
    /// <param name="problem">What to answer instead.</param>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out Precondition? precondition, [NotNullWhen(false)] out Problem? problem)
    {
        var wrong = new List<KeyValuePair<string, string>>();
        var read = new Precondition
        {
            IfMatch = Read(request, HeaderNames.IfMatch, weakly: false, wrong),
            IfNoneMatch = Read(request, HeaderNames.IfNoneMatch, weakly: true, wrong),
        };
        problem = wrong.Count == 0 ? null : new Problem(StatusCodes.Status400BadRequest, "The precondition is not valid.") { Parameters = wrong };
        precondition = problem is null ? read : null;
        return problem is null;
    }

    private static ImmutableArray<string>? Read(HttpRequest request, string name, bool weakly, List<KeyValuePair<string, string>> wrong)
    {
        if (!request.Headers.TryGetValue(name, out var values))
        {
            return null;
        }

        if (Parse(values) is { Count: > 0 } tags)
        {
            // If-Match compares strongly, so that a weak tag matches nothing; If-None-Match weakly (§8.8.3.2).
            return [.. tags.Select(tag => weakly ? tag.Tag.ToString() : tag.ToString())];
        }

        wrong.Add(new(name, "Must be * or entity tags as received in ETag, with their quotes, such as \"3\"."));
        return null;
    }

    private static IList<EntityTagHeaderValue>? Parse(StringValues values)
    {
        try
        {
            return EntityTagHeaderValue.TryParseStrictList([.. values.OfType<string>()], out var tags) ? tags : null;
        }
        catch (ArgumentOutOfRangeException)
        {
            // Thrown for W/ with only white space behind it.
            return null;
        }
    }
}
