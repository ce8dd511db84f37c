using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A JSON answer, written by hand and sent with its length.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="write">Writes the JSON value.</param>
internal sealed class JsonResponse(int status, Action<Utf8JsonWriter> write) : IResult
{
    /// <summary>The media type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The <c>Location</c> header; null leaves it out.</summary>
    public string? Location { get; init; }

    /// <summary>The <c>ETag</c> header with its quotes; null leaves it out.</summary>
    public string? ETag { get; init; }

    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (ETag is not null)
        {
            response.Headers.ETag = ETag;
        }

        using var body = new JsonResponseBody(httpContext, LargeResponses.Shared);
        write(body.Writer);
        await body.EndAsync();
    }
}
