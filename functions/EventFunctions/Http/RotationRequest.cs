using EventFunctions.Consumption.Webhooks;
using EventFunctions.Intake;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What a request for a new secret asks.</summary>
internal static class RotationRequest
{
    /// <summary>Reads for how long both secrets are to be valid.</summary>
    /// <param name="request">The request; it need not have a body.</param>
    /// <param name="reader">Reads the body.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the time or what to answer instead.</returns>
    public static async Task<(TimeSpan? Overlap, Problem? Problem)> ReadAsync(HttpRequest request, WebhookReader reader, CancellationToken cancellationToken)
    {
        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            if (body.Bytes.Length > 0 && MediaType.TryParse(request.ContentType ?? "") is not { Name: "application/json", Charset: null or "utf-8" })
            {
                return (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "What is asked of a rotation comes as application/json in UTF-8."));
            }

            return reader.ReadOverlap(body.Bytes.Span, out var errors) is { } overlap
                ? (overlap, null)
                : (null, new Problem(StatusCodes.Status400BadRequest, "The request is not valid; nothing was changed.") { Errors = errors });
        }
    }
}
