using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The definition that a request brings.</summary>
internal static class ProducerRequest
{
    /// <summary>Reads the definition.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The name in its path.</param>
    /// <param name="reader">Reads definitions.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the producer or what to answer instead.</returns>
    public static async Task<(Producer? Producer, Problem? Problem)> ReadAsync(
        HttpRequest request, string name, ProducerReader reader, CancellationToken cancellationToken)
    {
        if (!ProducerReader.IsName(name))
        {
            return (null, new Problem(StatusCodes.Status400BadRequest, "The path names no producer.")
            {
                Parameters = [new("name", "A name consists of 1 to 63 lower-case letters, digits and hyphens and does not begin with a hyphen.")],
            });
        }

        var type = request.ContentType is { } contentType ? MediaType.TryParse(contentType) : null;
        if (type is not { Name: "application/json", Charset: null or "utf-8" })
        {
            return (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "A definition comes as application/json in UTF-8."));
        }

        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            var producer = reader.Read(body.Bytes.Span, name, out var errors);
            return (producer, producer is not null ? null : new Problem(
                StatusCodes.Status400BadRequest, "The definition is not valid; nothing was changed.")
            { Errors = errors });
        }
    }
}
