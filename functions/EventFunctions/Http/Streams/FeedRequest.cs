using System.Diagnostics.CodeAnalysis;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A request for a page of the feed.</summary>
/// <param name="Query">Which events.</param>
internal sealed record FeedRequest(EventFeedQuery Query)
{
    private const string LastEventId = "lastEventId";
    private const string Unknown =
        "This store did not issue the ID. Use the Last-Event-ID of a page or an id of the stream, or leave it out to begin with the oldest event.";

    private static readonly string[] Names = ["source", "type", "subject", LastEventId, "timeout", "events"];
    private static readonly OrderedDictionary<string, bool> Forms = new(StringComparer.Ordinal) { ["enriched"] = false, ["thin"] = true };

    private string? Cursor { get; init; }

    private TimeSpan Wait { get; init; }

    /// <summary>Reads the parameters.</summary>
    /// <param name="query">The query string.</param>
    /// <param name="reader">The producer that reads; null reads the events of every producer.</param>
    /// <param name="cursors">Reads cursors.</param>
    /// <param name="request">The request.</param>
    /// <param name="problem">Everything that is wrong.</param>
    public static bool TryRead(
        IQueryCollection query, Producer? reader, ChangeCursor cursors, [NotNullWhen(true)] out FeedRequest? request, [NotNullWhen(false)] out Problem? problem)
    {
        var parameters = new QueryParameters(query, Names);
        var filter = ProducerAccess.Limit(EventFilterParameters.Read(parameters), reader);
        var token = parameters.One(LastEventId);
        var cursor = token is null ? null : cursors.Unprotect(token);
        if (token is not null && cursor is null)
        {
            parameters.AddError(LastEventId, Unknown);
        }

        var wait = TimeSpan.FromMilliseconds(parameters.Number("timeout", 0, (int)EventFeed.MaxWait.TotalMilliseconds, " of milliseconds") ?? 0);
        var thin = parameters.Word("events", Forms) ?? false;
        problem = parameters.Problem;
        request = problem is null ? new FeedRequest(new EventFeedQuery(filter, thin)) { Cursor = cursor, Wait = wait } : null;
        return request is not null;
    }

    /// <summary>Reads the page, and responds with it.</summary>
    public async Task<IResult> RespondAsync(EventFeed feed, ChangeCursor cursors, CancellationToken cancellationToken)
    {
        try
        {
            return new EventFeedResponse(await feed.ReadAsync(Query, Cursor, Wait, cancellationToken), cursors);
        }
        catch (InvalidContinuationException)
        {
            return QueryParameters.Invalid(new KeyValuePair<string, string>(LastEventId, Unknown));
        }
    }
}
