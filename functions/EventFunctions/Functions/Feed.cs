using EventFunctions.Http;
using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Offers enriched events as a feed (http-feeds.org), to consumers that pull.</summary>
public sealed class Feed(ProducerAccess access, EventFeed feed, ChangeCursor cursors, AllowedOrigins origins)
{
    /// <summary>Responds with a page, at once or when there is a new event.</summary>
    // GET http://localhost:7071/api/feed?source=/insurance/policies&timeout=5000
    [Function(nameof(ReadFeed))]
    public Task<IResult> ReadFeed(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "feed")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        origins.Allow(request);
        return access.ReadAsync(
            request,
            async reader => FeedRequest.TryRead(request.Query, reader, cursors, out var asked, out var problem)
                ? await asked.RespondAsync(feed, cursors, cancellationToken)
                : problem,
            cancellationToken);
    }
}
