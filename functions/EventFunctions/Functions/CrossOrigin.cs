using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Tells browsers which pages of other origins may read events.</summary>
public sealed class CrossOrigin(AllowedOrigins origins)
{
    /// <summary>Answers a browser before a page reads the stream.</summary>
    // OPTIONS http://localhost:7071/api/stream
    [Function(nameof(AllowStream))]
    public Task<IResult> AllowStream([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "stream")] HttpRequest request) =>
        Task.FromResult(origins.Preflight(request));

    /// <summary>Answers a browser before a page reads the feed.</summary>
    // OPTIONS http://localhost:7071/api/feed
    [Function(nameof(AllowFeed))]
    public Task<IResult> AllowFeed([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "feed")] HttpRequest request) =>
        Task.FromResult(origins.Preflight(request));
}
