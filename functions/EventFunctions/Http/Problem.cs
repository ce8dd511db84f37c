using System.Text.Json;
using EventFunctions.CloudEvents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace EventFunctions.Http;

/// <summary>An error answer by RFC 9457: <c>application/problem+json</c>.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="detail">What a person wants to know; never the inside of the service.</param>
internal sealed class Problem(int status, string detail) : IResult
{
    /// <summary>Which parts of the body are at fault.</summary>
    public IReadOnlyList<EventError> Errors { get; init; } = [];

    /// <summary>Which query parameters or headers are at fault, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>Response headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Writes further members.</summary>
    public Action<Utf8JsonWriter>? Members { get; init; }

    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>What a person wants to know.</summary>
    public string Detail => detail;

    /// <summary>The same answer with other errors.</summary>
    /// <param name="errors">Which parts of the body are at fault.</param>
    public Problem WithErrors(IReadOnlyList<EventError> errors) =>
        new(status, detail) { Errors = errors, Parameters = Parameters, Headers = Headers, Members = Members };

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        foreach (var (name, value) in Headers)
        {
            httpContext.Response.Headers[name] = value;
        }

        return new JsonResponse(status, Write) { ContentType = "application/problem+json" }.ExecuteAsync(httpContext);
    }

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, detail);
        if (Errors.Count + Parameters.Count > 0)
        {
            writer.WriteStartArray("errors"u8);
            foreach (var error in Errors)
            {
                WriteError(writer, "pointer", error.Pointer, error.Detail);
            }

            foreach (var (name, wrong) in Parameters)
            {
                WriteError(writer, "parameter", name, wrong);
            }

            writer.WriteEndArray();
        }

        Members?.Invoke(writer);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, string kind, string where, string detail)
    {
        writer.WriteStartObject();
        writer.WriteString(kind, where);
        writer.WriteString("detail"u8, detail);
        writer.WriteEndObject();
    }
}
