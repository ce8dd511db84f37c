using EventFunctions.CloudEvents;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The definition that a request brings.</summary>
internal static class DefinitionRequest
{
    /// <summary>Reads a definition, or says everything that is wrong with it.</summary>
    /// <typeparam name="T">What is defined.</typeparam>
    /// <param name="utf8">The request's body.</param>
    /// <param name="name">The name in its path.</param>
    /// <param name="errors">Everything that is wrong.</param>
    public delegate T? Reading<T>(ReadOnlySpan<byte> utf8, string name, out IReadOnlyList<EventError> errors);

    /// <summary>Reads the definition.</summary>
    /// <typeparam name="T">What is defined.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="name">The name in its path.</param>
    /// <param name="read">Reads definitions.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either what was defined or what to answer instead.</returns>
    public static async Task<(T? Definition, Problem? Problem)> ReadAsync<T>(
        HttpRequest request, string name, Reading<T> read, CancellationToken cancellationToken)
        where T : class
    {
        if (!ProducerReader.IsName(name))
        {
            return (null, new Problem(StatusCodes.Status400BadRequest, "The path has no name.")
            {
                Parameters = [new("name", "A name must have 1 to 63 lower-case letters, digits and hyphens, and must not begin with a hyphen.")],
            });
        }

        var type = request.ContentType is { } contentType ? MediaType.TryParse(contentType) : null;
        if (type is not { Name: "application/json", Charset: null or "utf-8" })
        {
            return (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "Send a definition as application/json in UTF-8."));
        }

        var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return (null, problem);
        }

        using (body)
        {
            var definition = read(body.Bytes.Span, name, out var errors);
            return (definition, definition is not null ? null : new Problem(
                StatusCodes.Status400BadRequest, "The definition is not valid; nothing was changed.")
            { Errors = errors });
        }
    }
}
