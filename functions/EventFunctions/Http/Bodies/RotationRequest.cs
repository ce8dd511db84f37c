using EventFunctions.CloudEvents;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What a request for a new secret or key asks.</summary>
internal static class RotationRequest
{
    /// <summary>Reads the request, or returns all its errors.</summary>
    /// <typeparam name="T">What is asked.</typeparam>
    /// <param name="utf8">The request's body; it may be empty.</param>
    /// <param name="errors">Everything that is wrong.</param>
    public delegate T Reading<T>(ReadOnlySpan<byte> utf8, out IReadOnlyList<EventError> errors);

    /// <summary>Reads the request.</summary>
    /// <typeparam name="T">What is asked.</typeparam>
    /// <param name="request">The request; it need not have a body.</param>
    /// <param name="read">Reads the body; null if anything is wrong.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either what is asked or what to answer instead.</returns>
    public static async Task<(T? Asked, Problem? Problem)> ReadAsync<T>(HttpRequest request, Reading<T?> read, CancellationToken cancellationToken)
    {
        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (default, problem);
        }

        using (body)
        {
            if (body.Bytes.Length > 0 && MediaType.TryParse(request.ContentType ?? "") is not { Name: "application/json", Charset: null or "utf-8" })
            {
                return (default, new Problem(StatusCodes.Status415UnsupportedMediaType, "Send the body as application/json in UTF-8."));
            }

            return read(body.Bytes.Span, out var errors) is { } asked
                ? (asked, null)
                : (default, new Problem(StatusCodes.Status400BadRequest, "The request is not valid; nothing was changed.") { Errors = errors });
        }
    }
}
