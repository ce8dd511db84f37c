using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Http;

/// <summary>Lets pages of the configured origins read the stream and the feed (Fetch, "CORS protocol").</summary>
/// <param name="options">Which origins.</param>
public sealed class AllowedOrigins(IOptions<StreamOptions> options)
{
    private const string ReadHeaders = "Last-Event-ID, Retry-After";
    private const string SentHeaders = "Last-Event-ID, traceparent, tracestate, x-functions-key, x-producer-key";
    private const int PreflightSeconds = 600;

    /// <summary>Whether pages of an origin may read.</summary>
    /// <param name="origin">The origin, as browsers send it.</param>
    public bool Contains(string? origin) => origin is not null && options.Value.AllowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);

    /// <summary>Adds to a response that the page which asks may read it.</summary>
    /// <param name="request">The request.</param>
    public void Allow(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (options.Value.AllowedOrigins.Count == 0)
        {
            return;
        }

        var headers = request.HttpContext.Response.Headers;
        headers.Append(HeaderNames.Vary, HeaderNames.Origin);
        if (Contains(request.Headers.Origin))
        {
            headers.AccessControlAllowOrigin = request.Headers.Origin;
            headers.AccessControlExposeHeaders = ReadHeaders;
        }
    }

    /// <summary>Answers a browser that asks before it sends a page's request.</summary>
    /// <param name="request">The OPTIONS request.</param>
    public IResult Preflight(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Allow(request);
        if (!Contains(request.Headers.Origin))
        {
            return new Problem(StatusCodes.Status403Forbidden, "Pages of this origin may not read events. An operator can add it to Stream:AllowedOrigins.");
        }

        var headers = request.HttpContext.Response.Headers;
        headers.AccessControlAllowMethods = "GET, HEAD";
        headers.AccessControlAllowHeaders = SentHeaders;
        headers.AccessControlMaxAge = PreflightSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Results.NoContent();
    }
}
