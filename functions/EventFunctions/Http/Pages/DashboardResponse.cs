using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// A file of the dashboard. Its policy allows only its own scripts and calls to its own service, and blocks every function that could turn
/// text from events into markup.
/// </summary>
internal sealed class DashboardResponse : IResult
{
    /// <summary>What the page may do.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private readonly DashboardFile _file;

    private DashboardResponse(DashboardFile file) => _file = file;

    /// <summary>The answer with a file, or that there is none.</summary>
    /// <param name="file">The file, if there is one.</param>
    public static IResult Of(DashboardFile? file) =>
        file is null ? new Problem(StatusCodes.Status404NotFound, "The dashboard has no such file.") : new DashboardResponse(file);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var headers = httpContext.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Asked for again each time, and answered 304: a new version of the service is never shown by an old page.
        headers.CacheControl = "no-cache";
        return Results.Bytes(_file.Content, _file.ContentType, entityTag: _file.ETag).ExecuteAsync(httpContext);
    }
}
