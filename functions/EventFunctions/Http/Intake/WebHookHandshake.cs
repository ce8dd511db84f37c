using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The validation handshake of CloudEvents' HTTP 1.1 Web Hooks for Event Delivery, §4.</summary>
internal static class WebHookHandshake
{
    private const int MaxOriginLength = 253;

    /// <summary>Grants the origin that asks. A callback is never called: that would let strangers choose addresses to call.</summary>
    /// <param name="request">The OPTIONS request.</param>
    public static IResult Respond(HttpRequest request)
    {
        var wrong = new List<KeyValuePair<string, string>>();
        string? origin = request.Headers["WebHook-Request-Origin"];
        if (origin is null || origin.Length > MaxOriginLength || Uri.CheckHostName(origin) == UriHostNameType.Unknown)
        {
            wrong.Add(new("WebHook-Request-Origin", "Required: a DNS name, such as eventemitter.example.com."));
        }

        string? rate = request.Headers["WebHook-Request-Rate"];
        if (rate is not (null or "*") && !(uint.TryParse(rate, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
        {
            wrong.Add(new("WebHook-Request-Rate", "Must be a whole number of requests per minute, above zero."));
        }

        if (wrong.Count > 0)
        {
            return new Problem(StatusCodes.Status400BadRequest, "This is not a valid CloudEvents webhook validation request.") { Parameters = wrong };
        }

        return new HeadersOnly(StatusCodes.Status200OK,
        [
            new("Allow", "POST, OPTIONS"),
            new("WebHook-Allowed-Origin", origin!),
            new("WebHook-Allowed-Rate", "*"),
        ]);
    }

    private sealed class HeadersOnly(int status, KeyValuePair<string, string>[] headers) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            foreach (var (name, value) in headers)
            {
                httpContext.Response.Headers[name] = value;
            }

            return Task.CompletedTask;
        }
    }
}
