using System.Net;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;

namespace EventFunctions.Http;

/// <summary>Reads feeds over HTTP (http-feeds.org).</summary>
internal sealed class HttpFeedClient(GuardedGet get) : IFeedClient
{
    private const string Accepted = "application/cloudevents-batch+json, application/json;q=0.9";
    private const string AcceptedXml = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8";

    // More is no part of a URL that servers commonly take.
    private const int MaxLastEventIdLength = 6_000;

    public Task<FeedResponse> ReadAsync(Producer producer, Uri url, string? etag, int maxBytes, CancellationToken cancellationToken) =>
        get.GetAsync(
            producer,
            url,
            maxBytes,
            request =>
            {
                request.Headers.TryAddWithoutValidation("Accept", producer.Feed is { Format: not FeedFormat.Json } ? AcceptedXml : Accepted);
                if (etag is not null)
                {
                    request.Headers.TryAddWithoutValidation("If-None-Match", etag);
                }
            },
            (response, _) => response.StatusCode == HttpStatusCode.NotModified && etag is not null ? new FeedResponse(null, null, response.Headers.ETag?.ToString())
                : response.StatusCode == HttpStatusCode.NoContent ? new FeedResponse(null, null, null, LastEventIdOf(response))
                : response.Content is ReadBody body ? new FeedResponse(
                    body.Bytes, body.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString(), LastEventIdOf(response))
                : null,
            cancellationToken);

    // Feeds that are in no order of their events' IDs, such as this service's own, say so themselves where they go on.
    private static string? LastEventIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Last-Event-ID", out var values) && values.Take(2).ToArray() is [{ Length: > 0 and <= MaxLastEventIdLength } id] ? id : null;
}
