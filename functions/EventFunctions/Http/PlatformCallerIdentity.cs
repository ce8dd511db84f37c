using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http;

/// <summary>
/// The identity that App Service authentication puts into a header of its own. Where the platform does not authenticate,
/// anybody could send that header, and it counts for nothing.
/// </summary>
/// <param name="configuration">Says whether the platform authenticates: <c>WEBSITE_AUTH_ENABLED</c>.</param>
internal sealed class PlatformCallerIdentity(IConfiguration configuration) : ICallerIdentity
{
    private const string PrincipalHeader = "X-MS-CLIENT-PRINCIPAL-ID";

    private readonly bool _isAuthenticated = bool.TryParse(configuration["WEBSITE_AUTH_ENABLED"], out var enabled) && enabled;

    /// <inheritdoc/>
    public string? ObjectIdOf(HttpRequest request) =>
        _isAuthenticated && request.Headers[PrincipalHeader] is [{ Length: > 0 } id] ? id : null;
}
