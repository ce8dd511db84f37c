using System.Text.Json;
using EventFunctions.Intake;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http;

/// <summary>
/// Identifies the caller by App Service authentication: by <c>x-ms-client-principal</c> headers, which the platform removes from requests
/// and sets itself. If it is off, the headers could be forged, and they are ignored.
/// </summary>
public sealed class PlatformPrincipal
{
    private const string EntraId = "aad";

    /// <summary>Finds out whether the platform tells.</summary>
    /// <param name="configuration">The settings; the platform sets <c>WEBSITE_AUTH_ENABLED</c>.</param>
    public PlatformPrincipal(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        IsKnown = string.Equals(configuration["WEBSITE_AUTH_ENABLED"], "True", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the platform tells who calls.</summary>
    public bool IsKnown { get; }

    /// <summary>Who calls, for intake.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keyOf">The producer whose key the request brings; null if it brings none.</param>
    internal IntakeCaller CallerOf(HttpRequest request, Producer? keyOf = null) => new(ObjectIdOf(request), IsKnown, keyOf);

    /// <summary>Returns the caller's Entra ID object ID in lower case; null if unknown.</summary>
    /// <param name="request">The request.</param>
    internal string? ObjectIdOf(HttpRequest request)
    {
        if (!IsKnown)
        {
            return null;
        }

        var headers = request.Headers;
        var id = headers.TryGetValue("x-ms-client-principal", out var principal) ? FromClaims(principal.ToString())
            : headers["x-ms-client-principal-idp"] == EntraId ? headers["x-ms-client-principal-id"].ToString()
            : null;
        return Guid.TryParseExact(id, "D", out var guid) ? guid.ToString("D") : null;
    }

    // {"auth_typ":"aad","claims":[{"typ":"…","val":"…"}]} in base64.
    private static string? FromClaims(string base64)
    {
        try
        {
            using var principal = JsonDocument.Parse(Convert.FromBase64String(base64));
            return principal.RootElement.GetProperty("auth_typ").ValueEquals(EntraId)
                ? principal.RootElement.GetProperty("claims").EnumerateArray()
                    .Where(claim => claim.GetProperty("typ").GetString() is "oid" or "http://schemas.microsoft.com/identity/claims/objectidentifier")
                    .Select(claim => claim.GetProperty("val").GetString())
                    .FirstOrDefault()
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
