using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Signs one browser in as an administrator of this host: the link that the host prints has a token, which the dashboard
/// exchanges for a cookie. The token is good once and for ten minutes, the cookie until the host stops.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="refusals">Counts wrong tokens.</param>
internal sealed class SignIn(TimeProvider time, KeyRefusals refusals)
{
    /// <summary>The path at which the dashboard exchanges the token.</summary>
    public const string Path = "/session";

    /// <summary>How long the link is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int SecretBytes = 32;
    private const int MaxBodyBytes = 1_024;
    private const string Remedy = "Restart the host for a new link, or enter the administration key.";
    private const string Unknown = "The token is not valid for this host. Open the link that the host printed at its last start, or enter the administration key.";

    private static readonly SignedInAdministrator Administrator = new("session");

    private readonly Lock _exchange = new();
    private byte[] _token = [];
    private byte[] _session = [];
    private DateTimeOffset _expiresAt;
    private bool _isUsed;

    /// <summary>Creates the link. An earlier one is good no more.</summary>
    /// <param name="host">The URL by which this machine reaches the host, ending in a slash.</param>
    public Uri CreateLink(Uri host)
    {
        var token = NewSecret();
        lock (_exchange)
        {
            (_token, _expiresAt, _isUsed) = (Hash(token), time.GetUtcNow() + Lifetime, false);
        }

        // Behind #, so that it is in no request, log or referrer.
        return new Uri(host, "api/dashboard#token=" + token);
    }

    /// <summary>Maps the exchange, the question whether a browser is signed in, and the end of its session.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], GetAsync);
        endpoints.MapMethods(Path, [HttpMethods.Post], PostAsync);
        endpoints.MapMethods(Path, [HttpMethods.Delete], DeleteAsync);
    }

    /// <summary>Adds the recognition of the cookie before the endpoints.</summary>
    /// <param name="next">The endpoints.</param>
    public RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (context.Request.Headers.Cookie.Count > 0 && IsSignedIn(context))
        {
            context.Features.Set(Administrator);
        }

        return next(context);
    };

    private static Task GetAsync(HttpContext context)
    {
        if (!IsAdministrator(context))
        {
            return HostProblem.WriteAsync(context, StatusCodes.Status403Forbidden, "This browser is not signed in. Open the link that the host printed when it started.");
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task PostAsync(HttpContext context)
    {
        if (!IsAdministrator(context))
        {
            if (await TokenAsync(context.Request) is not { } token)
            {
                await HostProblem.WriteAsync(context, StatusCodes.Status400BadRequest, "The body must be JSON with the link's token: {\"token\":\"...\"}.");
                return;
            }

            var session = NewSecret();
            if (Exchange(token, session) is { } refusal)
            {
                var usual = new EventFunctions.Http.Problem(StatusCodes.Status403Forbidden, refusal);
                await refusals.Answer(context.Request, "sign-in token", isShown: true, usual).ExecuteAsync(context);
                return;
            }

            context.Response.Cookies.Append(Name(context), session, Options());
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task DeleteAsync(HttpContext context)
    {
        if (IsAdministrator(context))
        {
            lock (_exchange)
            {
                _session = [];
            }

            context.Response.Cookies.Delete(Name(context), Options());
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    // Returns why not; null if it was exchanged.
    private string? Exchange(string token, string session)
    {
        lock (_exchange)
        {
            if (!CryptographicOperations.FixedTimeEquals(Hash(token), _token))
            {
                return Unknown;
            }

            if (_isUsed)
            {
                return $"The link was already used; it signs in one browser. {Remedy}";
            }

            if (time.GetUtcNow() >= _expiresAt)
            {
                return $"The link has expired; it is valid for {Lifetime.TotalMinutes} minutes. {Remedy}";
            }

            (_isUsed, _session) = (true, Hash(session));
            return null;
        }
    }

    private bool IsSignedIn(HttpContext context)
    {
        if (context.Request.Cookies[Name(context)] is not { } sent)
        {
            return false;
        }

        lock (_exchange)
        {
            return CryptographicOperations.FixedTimeEquals(Hash(sent), _session);
        }
    }

    private static async Task<string?> TokenAsync(HttpRequest request)
    {
        try
        {
            var bytes = new byte[MaxBodyBytes + 1];
            var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted);
            if (length > MaxBodyBytes || !request.HasJsonContentType())
            {
                return null;
            }

            using var body = JsonDocument.Parse(bytes.AsMemory(0, length));
            return body.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("token"u8, out var token) && token.ValueKind == JsonValueKind.String
                ? token.GetString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is half of a surrogate pair.
            return null;
        }
        catch (Exception) when (request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private static bool IsAdministrator(HttpContext context) => context.Features.Get<SignedInAdministrator>() is not null;

    private static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));

    // Cookies are shared by the ports of a host name, so the name tells hosts apart.
    private static string Name(HttpContext context) => $"eventfunctions-{context.Connection.LocalPort}";

    private static CookieOptions Options() => new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" };

    // Hashed, so that comparing takes the same time whatever the lengths.
    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
