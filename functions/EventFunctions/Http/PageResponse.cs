using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A page as JSON, written item by item while its reader takes it.</summary>
/// <param name="items">The items.</param>
/// <param name="write">Writes an item.</param>
internal sealed class PageResponse<T>(IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write) : IResult
{
    /// <summary>The media type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>What leads to the next page; null on the last.</summary>
    public string? Continuation { get; init; }

    /// <summary>Whether the page is an array of its items, and not an object that has them as <c>items</c>.</summary>
    public bool IsArray { get; init; }

    /// <summary>The places of large responses.</summary>
    public LargeResponses Large { get; init; } = LargeResponses.Shared;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.StatusCode = StatusCodes.Status200OK;
        httpContext.Response.ContentType = ContentType;
        using var body = new JsonResponseBody(httpContext, Large);
        var writer = body.Writer;
        if (!IsArray)
        {
            writer.WriteStartObject();
            writer.WritePropertyName("items"u8);
        }

        writer.WriteStartArray();
        foreach (var item in items)
        {
            write(writer, item);
            if (!await body.SendFullAsync())
            {
                return;
            }
        }

        writer.WriteEndArray();
        if (!IsArray)
        {
            if (Continuation is not null)
            {
                writer.WriteString("continuation"u8, Continuation);
            }

            writer.WriteEndObject();
        }

        await body.EndAsync();
    }
}
