using EventFunctions.CloudEvents;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Http;

/// <summary>
/// A producer's bytes, with its content type and ETag. The headers keep a browser from running them in this service's name.
/// </summary>
internal sealed class FullDataResponse(FullData data) : IResult
{
    private const string UnknownContentType = "application/octet-stream";

    /// <summary>Returns the response with the data, or the reason for its absence.</summary>
    /// <param name="data">The data; null if there is none.</param>
    public static IResult Of(FullData? data) => data switch
    {
        null => new Problem(StatusCodes.Status404NotFound, "There is no full data for an event with this ID and source. Its record shows why."),
        { Erased: true } => new Problem(StatusCodes.Status410Gone, "The content of this event was erased. Its record shows when."),
        _ => new FullDataResponse(data),
    };

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var place = data.Content.Bytes.Length > LargeResponses.PieceBytes ? LargeResponses.Shared.TryEnter() : null;
        if (place is null && data.Content.Bytes.Length > LargeResponses.PieceBytes)
        {
            await LargeResponses.TooMany().ExecuteAsync(httpContext);
            return;
        }

        await using var late = place?.AbortWhenOver(httpContext);
        var headers = httpContext.Response.Headers;
        headers.ContentDisposition = "attachment";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        var contentType = data.ContentType is { } sent && MediaType.TryParse(sent) is not null ? sent : UnknownContentType;
        var entityTag = EntityTagHeaderValue.TryParse(data.ETag, out var tag) ? tag : null;
        await Results.Bytes(data.Content.Bytes, contentType, entityTag: entityTag).ExecuteAsync(httpContext);
    }
}
