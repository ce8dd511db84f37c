using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A JSON answer, written by hand and sent in one piece with its length.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="write">Writes the JSON value.</param>
internal sealed class JsonAnswer(int status, Action<Utf8JsonWriter> write) : IResult
{
    // Relaxed, because the answer is never part of a page, and text in it is to be read.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

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
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.ContentLength = buffer.WrittenCount;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (ETag is not null)
        {
            response.Headers.ETag = ETag;
        }

        await response.BodyWriter.WriteAsync(buffer.WrittenMemory, httpContext.RequestAborted);
    }
}
