using System.Text.Json;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A page of refusals over HTTP: <c>{ "items": […], "continuation": "…" }</c>.</summary>
internal static class RefusalResponse
{
    private static readonly string[] Shown = ["producer", "eventId", "refusedAt", "errors", "event", "erased"];

    /// <summary>The answer with a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="protect">Signs the way to the next page.</param>
    public static IResult From(DocumentPage page, Func<string, string> protect) =>
        new PageResponse<StoredDocument>(page.Items, Write) { Continuation = page.Continuation is { } continuation ? protect(continuation) : null };

    // What the store has of its own stays there.
    private static void Write(Utf8JsonWriter writer, StoredDocument item)
    {
        using var document = JsonDocument.Parse(item.Body);
        writer.WriteStartObject();
        foreach (var name in Shown)
        {
            if (document.RootElement.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
