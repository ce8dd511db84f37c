using System.Globalization;
using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Offers the enriched events as a feed (http-feeds.org), for consumers that would rather pull.</summary>
public sealed class ReadFeed(ProducerAccess access, EventFeed feed, ChangeCursor cursors)
{
    private const string LastEventId = "lastEventId";

    private static readonly string[] Filters = ["source", "type", "subject"];
    private static readonly string[] Others = [LastEventId, "timeout", "events"];

    /// <summary>Answers with a page, at once or when there is something new.</summary>
    // GET http://localhost:7071/api/feed?source=/insurance/policies&timeout=5000
    [Function(nameof(ReadFeed))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "feed")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ReadAsync(request, reader => ReadAsync(request, reader, cancellationToken), cancellationToken);

    private async Task<IResult> ReadAsync(HttpRequest request, Producer? reader, CancellationToken cancellationToken)
    {
        string? cursor = null;
        var wait = TimeSpan.Zero;
        var thin = false;
        if (!EventQueryParameters.TryReadFilters(request.Query, reader, Filters, Others, ReadOthers, out var filter, out var problem))
        {
            return problem;
        }

        try
        {
            return new EventFeedResponse(await feed.ReadAsync(new EventFeedQuery(filter, thin), cursor, wait, cancellationToken), cursors);
        }
        catch (InvalidContinuationException)
        {
            return new Problem(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = [new(LastEventId, Unknown)] };
        }

        void ReadOthers(EventQueryParameters parameters)
        {
            if (parameters.ReadOne(LastEventId) is { } token && (cursor = cursors.Unprotect(token)) is null)
            {
                parameters.AddError(LastEventId, Unknown);
            }

            if (parameters.ReadOne("timeout") is { } timeout)
            {
                if (int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds <= EventFeed.MaxWait.TotalMilliseconds)
                {
                    wait = TimeSpan.FromMilliseconds(milliseconds);
                }
                else
                {
                    parameters.AddError("timeout", "Milliseconds, from 0 to 30000.");
                }
            }

            switch (parameters.ReadOne("events"))
            {
                case null or "enriched":
                    break;
                case "thin":
                    thin = true;
                    break;
                default:
                    parameters.AddError("events", "Either enriched or thin.");
                    break;
            }
        }
    }

    private const string Unknown = "Not what this service's store gave in Last-Event-ID with a page, or as an id in its stream; without it the feed begins with the oldest event.";
}
