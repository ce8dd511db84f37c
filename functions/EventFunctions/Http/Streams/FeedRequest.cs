using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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

    private static readonly string[] Filters = ["source", "type", "subject"];
    private static readonly string[] Others = [LastEventId, "timeout", "events"];

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
        string? cursor = null;
        var wait = TimeSpan.Zero;
        var thin = false;
        request = EventQueryParameters.TryReadFilters(query, reader, Filters, Others, ReadOthers, out var filter, out problem)
            ? new FeedRequest(new EventFeedQuery(filter, thin)) { Cursor = cursor, Wait = wait }
            : null;
        return request is not null;

        void ReadOthers(EventQueryParameters parameters)
        {
            if (parameters.ReadOne(LastEventId) is { } token && (cursor = cursors.Unprotect(token)) is null)
            {
                parameters.AddError(LastEventId, Unknown);
            }

            wait = ReadWait(parameters);
            thin = ReadThin(parameters);
        }
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
            return PageParameters.Invalid(new KeyValuePair<string, string>(LastEventId, Unknown));
        }
    }

    private static TimeSpan ReadWait(EventQueryParameters parameters)
    {
        if (parameters.ReadOne("timeout") is not { } timeout)
        {
            return TimeSpan.Zero;
        }

        if (int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= EventFeed.MaxWait.TotalMilliseconds)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        parameters.AddError("timeout", "Milliseconds, from 0 to 30000.");
        return TimeSpan.Zero;
    }

    private static bool ReadThin(EventQueryParameters parameters)
    {
        var events = parameters.ReadOne("events");
        if (events is not (null or "enriched" or "thin"))
        {
            parameters.AddError("events", "Must be enriched or thin.");
        }

        return events == "thin";
    }
}
