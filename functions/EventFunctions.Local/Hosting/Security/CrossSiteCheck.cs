using System.Net;
using EventFunctions.Functions;
using EventFunctions.Http;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Runs before every endpoint and refuses what a web page of another origin, or a reverse proxy, sends to a host that asks
/// for no key. Requests with a cookie are checked on every host, because a browser adds cookies to the requests of any page.
/// </summary>
/// <param name="isKeyless">Whether the host asks for no key.</param>
/// <param name="hosts">The names that endpoints without a key may be called by.</param>
/// <param name="origins">The origins whose pages may read the stream and the feed; null where the host has neither.</param>
/// <param name="log">Counts refusals.</param>
internal sealed class CrossSiteCheck(bool isKeyless, AllowedHosts hosts, AllowedOrigins? origins, RefusalLog log)
{
    /// <summary>The functions that pages of the allowed origins may call.</summary>
    internal static readonly string[] OpenToOrigins = [nameof(Functions.Streams.StreamEvents), nameof(Feed.ReadFeed), nameof(CrossOrigin.AllowStream), nameof(CrossOrigin.AllowFeed)];

    // The content types that a page may send to another origin without asking it first (Fetch, "CORS-safelisted").
    private static readonly string[] SimpleTypes = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

    // A page may send none of these headers without asking, whatever the value.
    private static readonly string[] OwnHeaders = [HeaderNames.Authorization, HeaderNames.IfMatch, "x-functions-key", "x-admin-key", "ce-specversion", "aeg-sas-key", "aeg-sas-token"];

    private static readonly string[] ProxyHeaders = [HeaderNames.Via, "Forwarded", "X-Real-IP"];

    /// <summary>Adds the check before the endpoints.</summary>
    /// <param name="next">The endpoints.</param>
    public RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (RefusalOf(context) is not { } refusal)
        {
            return next(context);
        }

        log.Record("a web page of another origin, or a proxy, called a host without keys", refusal);
        return HostProblem.WriteAsync(context, StatusCodes.Status403Forbidden, refusal);
    };

    private string? RefusalOf(HttpContext context)
    {
        var request = context.Request;
        var own = context.GetEndpoint()?.Metadata.GetMetadata<EndpointKey>();
        if (own is { IsRequired: true })
        {
            // Event Grid delivers with an Origin of its own, and through tunnels.
            return null;
        }

        var needsNoKey = isKeyless || own is not null;
        return (needsNoKey ? RefusalByProxy(request) : null)
            ?? (needsNoKey ? RefusalByHost(request) : null)
            ?? (needsNoKey || request.Headers.Cookie.Count > 0 ? RefusalBySite(context) ?? RefusalByContent(context) : null);
    }

    // A host with keys calls its own endpoints by its address, which no page can rebind.
    private string? RefusalByHost(HttpRequest request) => hosts.Contains(request.Host) || (!isKeyless && IPAddress.TryParse(request.Host.Host, out _))
        ? null
        : $"\"{request.Host}\" is not a name of this machine. Use localhost or 127.0.0.1, or add the name as the setting {AllowedHosts.Section}:0.";

    private static string? RefusalByProxy(HttpRequest request) => ProxyMark(request) is { } mark
        ? $"A proxy forwarded this request ({mark}) to a host without keys. Set {FunctionKeys.HostSetting}, restart the host, and send the key in x-functions-key."
        : null;

    // Proxies add these headers; the one that adds none by default (nginx) speaks HTTP/1.0.
    private static string? ProxyMark(HttpRequest request)
    {
        if (HttpProtocol.IsHttp10(request.Protocol))
        {
            return HttpProtocol.Http10;
        }

        foreach (var (name, _) in request.Headers)
        {
            if (name.StartsWith("X-Forwarded", StringComparison.OrdinalIgnoreCase) || ProxyHeaders.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return name;
            }
        }

        return null;
    }

    private string? RefusalBySite(HttpContext context)
    {
        var request = context.Request;
        if (origins?.Contains(request.Headers.Origin) == true
            && context.GetEndpoint()?.Metadata.GetMetadata<HttpFunction>() is { } function && OpenToOrigins.Contains(function.Name))
        {
            return null;
        }

        if (request.Headers.Origin is { Count: > 0 } origin && !IsOwn(origin.ToString(), request))
        {
            return $"A page of the origin {origin} may not call this host.";
        }

        // "same-site" is a page of another port of this machine.
        return request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site.ToString() is not ("same-origin" or "none")
            ? $"A page of another origin may not call this host or link to it (Sec-Fetch-Site: {site}). Enter the address yourself."
            : null;
    }

    // TLS may end in a proxy before a host with keys: its pages have the scheme https and the port that the proxy passes on.
    private bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var page)
        && (page.Scheme == Uri.UriSchemeHttp || (!isKeyless && page.Scheme == Uri.UriSchemeHttps))
        && Uri.TryCreate($"{page.Scheme}://{request.Host}", UriKind.Absolute, out var self)
        && string.Equals(page.Authority, self.Authority, StringComparison.OrdinalIgnoreCase);

    private static string? RefusalByContent(HttpContext context)
    {
        var request = context.Request;
        var isSimple = HttpMethods.IsPost(request.Method)
            && request.Headers.Origin.Count == 0
            && (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || SimpleTypes.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase))
            && !OwnHeaders.Any(request.Headers.ContainsKey);

        // A function that asks for no key anywhere verifies the sender itself.
        return isSimple && context.GetEndpoint()?.Metadata.GetMetadata<HttpFunction>() is not { Level: AuthorizationLevel.Anonymous }
            ? "Without a key, a POST must have a content type that needs a CORS preflight. Add the header Content-Type: application/json."
            : null;
    }
}
