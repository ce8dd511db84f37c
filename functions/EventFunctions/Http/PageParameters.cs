using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Which page of a list without filters is meant. A misspelt parameter would show something else, so unknown names are errors.</summary>
/// <param name="Limit">The most items.</param>
/// <param name="Continuation">The continuation of the page before; null begins.</param>
internal sealed record PageParameters(int Limit, string? Continuation)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    // The last two are the Functions host's own: the key of the function, and its name.
    private static readonly string[] Names = ["limit", "continuation", "code", "clientId"];

    /// <summary>Reads the parameters.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="page">The page.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    public static bool TryRead(IQueryCollection query, [NotNullWhen(true)] out PageParameters? page, [NotNullWhen(false)] out Problem? problem)
    {
        var wrong = query.Keys.Except(Names, StringComparer.OrdinalIgnoreCase)
            .Select(name => KeyValuePair.Create(name.Length > 50 ? name[..50] : name, "There is no such parameter; there are limit and continuation."))
            .ToList();
        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var text)
            && !(int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            wrong.Add(new("limit", $"A whole number from 1 to {MaxLimit}."));
        }

        page = wrong.Count == 0 ? new PageParameters(limit, query.TryGetValue("continuation", out var continuation) ? continuation.ToString() : null) : null;
        problem = page is null ? Invalid([.. wrong]) : null;
        return page is not null;
    }

    /// <summary>The answer to a continuation that was not given.</summary>
    public static Problem InvalidContinuation() => Invalid(new KeyValuePair<string, string>("continuation", "Not a continuation that was given for this list."));

    private static Problem Invalid(params KeyValuePair<string, string>[] wrong) =>
        new(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = wrong };
}
