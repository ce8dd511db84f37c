using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EventFunctions.Producers.Definitions;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Whose refusals are listed, and which page.</summary>
/// <param name="Producer">The producer's name.</param>
/// <param name="Limit">The most refusals.</param>
/// <param name="Continuation">The store's own continuation; null begins.</param>
internal sealed record RefusalQuery(string Producer, int Limit, string? Continuation)
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1_000;

    // The last two are the Functions host's own: the key of the function, and its name.
    private static readonly string[] Names = ["producer", "limit", "continuation", "code", "clientId"];

    /// <summary>What a continuation of this list is signed for: no list of events has the name of a partition for its source.</summary>
    /// <param name="producer">The producer's name.</param>
    public static EventQuery FiltersOf(string producer) => new() { Source = "refusals?producer=" + producer, Type = "refusals" };

    /// <summary>Reads the parameters.</summary>
    /// <param name="parameters">The query string.</param>
    /// <param name="tokens">Reads continuations.</param>
    /// <param name="query">The query.</param>
    /// <param name="problem">Everything that is wrong, to be answered instead.</param>
    public static bool TryRead(
        IQueryCollection parameters, ContinuationToken tokens, [NotNullWhen(true)] out RefusalQuery? query, [NotNullWhen(false)] out Problem? problem)
    {
        var wrong = parameters.Keys.Except(Names, StringComparer.OrdinalIgnoreCase)
            .Select(name => KeyValuePair.Create(name.Length > 50 ? name[..50] : name, "There is no such parameter; there are producer, limit, continuation."))
            .ToList();
        var producer = parameters["producer"] is [{ } only] && ProducerReader.IsName(only) ? only : null;
        if (producer is null)
        {
            wrong.Add(new("producer", "The name of the producer whose refused events are listed."));
        }

        var limit = DefaultLimit;
        if (parameters.TryGetValue("limit", out var text)
            && !(int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MaxLimit))
        {
            wrong.Add(new("limit", $"A whole number from 1 to {MaxLimit}."));
        }

        string? continuation = null;
        if (producer is not null && parameters.TryGetValue("continuation", out var token)
            && (continuation = tokens.Unprotect(FiltersOf(producer), token.ToString())) is null)
        {
            wrong.Add(ContinuationError);
        }

        (query, problem) = wrong.Count == 0 ? (new RefusalQuery(producer!, limit, continuation), (Problem?)null) : (null, Invalid([.. wrong]));
        return problem is null;
    }

    /// <summary>The answer to a continuation that the store did not give.</summary>
    public static Problem InvalidContinuation() => Invalid(ContinuationError);

    private static KeyValuePair<string, string> ContinuationError { get; } = new("continuation", "Not a continuation that was given for this producer.");

    private static Problem Invalid(params KeyValuePair<string, string>[] wrong) =>
        new(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = wrong };
}
