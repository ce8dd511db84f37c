using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>One page of a list, from the query string: <c>limit</c>, <c>continuation</c>, and the list's own filters, which are texts.</summary>
internal sealed class PageParameters
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;
    private const int MaxTextLength = 1_024;

    // The Functions host's own: the key of the function, and its name.
    private static readonly string[] HostNames = ["code", "clientId"];

    private readonly ContinuationToken _tokens;
    private readonly IReadOnlyList<string?> _signed;
    private readonly Dictionary<string, string> _filters;

    private PageParameters(ContinuationToken tokens, IReadOnlyList<string?> signed, Dictionary<string, string> filters) =>
        (_tokens, _signed, _filters) = (tokens, signed, filters);

    /// <summary>The most items of the page.</summary>
    public int Limit { get; private set; } = DefaultLimit;

    /// <summary>The store's own continuation; null for the first page.</summary>
    public string? Continuation { get; private set; }

    /// <summary>Returns the value of a filter; null if absent.</summary>
    /// <param name="name">The filter.</param>
    public string? this[string name] => _filters.GetValueOrDefault(name);

    /// <summary>Reads the parameters. A misspelt filter would list too much, so unknown names are errors.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="tokens">Reads and makes continuations.</param>
    /// <param name="list">What is listed, beside the filters: continuations of one list are none of another.</param>
    /// <param name="filters">The names of the filters.</param>
    /// <param name="page">The parameters.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    private static bool TryRead(
        IQueryCollection query,
        ContinuationToken tokens,
        IReadOnlyList<string> list,
        IReadOnlyList<string> filters,
        [NotNullWhen(true)] out PageParameters? page,
        [NotNullWhen(false)] out Problem? problem)
    {
        List<KeyValuePair<string, string>> errors = [];
        string[] names = [.. filters, "limit", "continuation"];
        errors.AddRange(query.Keys.Except(names, StringComparer.OrdinalIgnoreCase).Except(HostNames, StringComparer.OrdinalIgnoreCase).Select(
            name => KeyValuePair.Create(name.Length > 50 ? name[..50] : name, $"Unknown parameter. Use one of {string.Join(", ", names)}.")));
        errors.AddRange(names.Where(name => query[name].Count > 1).Select(name => KeyValuePair.Create(name, "Given more than once.")));
        var given = filters.Where(query.ContainsKey).ToDictionary(name => name, name => query[name].ToString(), StringComparer.Ordinal);
        errors.AddRange(given.Where(filter => filter.Value.Length is 0 or > MaxTextLength)
            .Select(filter => KeyValuePair.Create(filter.Key, $"1 to {MaxTextLength} characters.")));
        page = new PageParameters(tokens, [.. list, .. filters.Select(name => given.GetValueOrDefault(name))], given);
        if (query.TryGetValue("limit", out var limit))
        {
            if (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxLimit)
            {
                page.Limit = number;
            }
            else
            {
                errors.Add(new("limit", $"Must be a whole number from 1 to {MaxLimit}."));
            }
        }

        if (query.TryGetValue("continuation", out var continuation) && (page.Continuation = tokens.Unprotect(page._signed, continuation.ToString())) is null)
        {
            errors.Add(ContinuationError);
        }

        problem = errors.Count == 0 ? null : Invalid([.. errors]);
        return problem is null;
    }

    /// <summary>Reads the parameters and responds with the page, or with everything that is wrong.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokens">Reads and makes continuations.</param>
    /// <param name="list">What is listed, beside the filters: continuations of one list are not valid for another.</param>
    /// <param name="filters">The names of the filters.</param>
    /// <param name="respond">Responds with the page.</param>
    public static async Task<IResult> RespondAsync(
        HttpRequest request, ContinuationToken tokens, IReadOnlyList<string> list, IReadOnlyList<string> filters, Func<PageParameters, Task<IResult>> respond)
    {
        if (!TryRead(request.Query, tokens, list, filters, out var page, out var problem))
        {
            return problem;
        }

        try
        {
            return await respond(page);
        }
        catch (InvalidContinuationException)
        {
            return Invalid(ContinuationError);
        }
    }

    /// <summary>The answer with a page: <c>{ "items": […], "continuation": "…" }</c>.</summary>
    /// <param name="items">The items.</param>
    /// <param name="continuation">The store's continuation; null on the last page.</param>
    /// <param name="write">Writes an item.</param>
    public IResult Respond<T>(IReadOnlyList<T> items, string? continuation, Action<Utf8JsonWriter, T> write) =>
        new PageResponse<T>(items, write) { Continuation = continuation is null ? null : _tokens.Protect(_signed, continuation) };

    private static KeyValuePair<string, string> ContinuationError { get; } =
        new("continuation", "The continuation does not belong to these filters. Start again without it.");

    public static Problem Invalid(params KeyValuePair<string, string>[] errors) =>
        new(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = errors };
}
