using System.Text.Json;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>One page of a list, from the query string: <c>limit</c>, <c>continuation</c>, and the list's own filters.</summary>
internal sealed class PageParameters
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    private readonly ContinuationToken _tokens;
    private readonly IReadOnlyList<string?> _signed;

    private PageParameters(QueryParameters query, ContinuationToken tokens, IReadOnlyList<string?> signed)
    {
        (Query, _tokens, _signed) = (query, tokens, signed);
        Limit = query.Number("limit", 1, MaxLimit) ?? DefaultLimit;
        if (query.One("continuation") is { } token && (Continuation = tokens.Unprotect(signed, token)) is null)
        {
            query.AddError(ContinuationError.Key, ContinuationError.Value);
        }
    }

    /// <summary>The parameters, with the list's own.</summary>
    public QueryParameters Query { get; }

    /// <summary>The most items of the page.</summary>
    public int Limit { get; }

    /// <summary>The store's own continuation; null for the first page.</summary>
    public string? Continuation { get; }

    private static KeyValuePair<string, string> ContinuationError { get; } =
        new("continuation", "The continuation does not belong to these filters. Start again without it.");

    /// <summary>Returns the value of a filter; null if absent.</summary>
    /// <param name="name">The filter.</param>
    public string? this[string name] => Query.One(name);

    /// <summary>Reads the parameters and responds with the page, or with everything that is wrong.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokens">Reads and makes continuations.</param>
    /// <param name="list">What is listed, beside the filters: continuations of one list are not valid for another.</param>
    /// <param name="filters">The names of the filters, which are texts.</param>
    /// <param name="respond">Responds with the page.</param>
    public static Task<IResult> RespondAsync(
        HttpRequest request, ContinuationToken tokens, IReadOnlyList<string> list, IReadOnlyList<string> filters, Func<PageParameters, Task<IResult>> respond) =>
        RespondAsync(request, tokens, filters, query => [.. list, .. filters.Select(query.Text)], respond);

    /// <summary>Reads the parameters and responds with the page, or with everything that is wrong.</summary>
    /// <param name="request">The request.</param>
    /// <param name="tokens">Reads and makes continuations.</param>
    /// <param name="names">The names of the list's own parameters.</param>
    /// <param name="read">Reads them, and returns what a continuation holds for.</param>
    /// <param name="respond">Responds with the page.</param>
    public static async Task<IResult> RespondAsync(
        HttpRequest request,
        ContinuationToken tokens,
        IReadOnlyList<string> names,
        Func<QueryParameters, IReadOnlyList<string?>> read,
        Func<PageParameters, Task<IResult>> respond)
    {
        var query = new QueryParameters(request.Query, [.. names, "limit", "continuation"]);
        var page = new PageParameters(query, tokens, read(query));
        try
        {
            return query.Problem ?? await respond(page);
        }
        catch (InvalidContinuationException)
        {
            return QueryParameters.Invalid(ContinuationError);
        }
    }

    /// <summary>The answer with a page: <c>{ "items": […], "continuation": "…" }</c>.</summary>
    /// <param name="items">The items.</param>
    /// <param name="continuation">The store's continuation; null on the last page.</param>
    /// <param name="write">Writes an item.</param>
    public IResult Respond<T>(IReadOnlyList<T> items, string? continuation, Action<Utf8JsonWriter, T> write) =>
        new PageResponse<T>(items, write) { Continuation = continuation is null ? null : _tokens.Protect(_signed, continuation) };
}
