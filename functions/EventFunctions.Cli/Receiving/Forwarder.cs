using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Cli.Receiving;

/// <summary>Posts deliveries to the developer's own endpoint, with their headers and body unchanged.</summary>
internal sealed class Forwarder : IDisposable
{
    // Those of a connection, not of a message, and those that the client sets itself.
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
    };

    private readonly Uri _url;
    private readonly HttpClient _http;

    /// <summary>Creates a forwarder.</summary>
    /// <param name="url">The endpoint.</param>
    /// <param name="network">Wraps the handler that reaches the network.</param>
    public Forwarder(Uri url, Func<HttpMessageHandler, HttpMessageHandler> network)
    {
        _url = url;
        _http = new HttpClient(network(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !url.IsLoopback,
            ActivityHeadersPropagator = null,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        }));
    }

    /// <summary>Reads the URL of an endpoint.</summary>
    /// <param name="text">The value of --forward-to.</param>
    /// <exception cref="ToolException">The text is not an http or https URL.</exception>
    public static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", UserInfo: "", Fragment: "" }
            ? url
            : throw new ToolException(ExitCode.Usage, "--forward-to must be an http or https URL without user and fragment, such as http://localhost:3000/hook.");

    /// <summary>Posts a delivery.</summary>
    /// <param name="headers">The headers of the delivery.</param>
    /// <param name="body">The body of the delivery.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ForwardResult> ForwardAsync(IHeaderDictionary headers, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        foreach (var (name, values) in headers.Where(header => !NotForwarded.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return new ForwardResult((int)response.StatusCode, response.Headers.RetryAfter?.ToString(), Failure: null);
        }
        catch (HttpRequestException e)
        {
            return new ForwardResult((int)HttpStatusCode.BadGateway, RetryAfter: null, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ForwardResult((int)HttpStatusCode.GatewayTimeout, RetryAfter: null, $"No response within {_http.Timeout.TotalSeconds} seconds");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
