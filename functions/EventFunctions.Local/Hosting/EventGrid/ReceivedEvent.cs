using System.Runtime.InteropServices;
using System.Text.Json;
using Azure.Messaging;

namespace EventFunctions.Local.Hosting;

/// <summary>An event as it came, read as the worker reads it.</summary>
/// <param name="Event">The event; null if the worker's converter refuses it: null, upper-case or object extensions, the Event Grid schema.</param>
/// <param name="Id">The ID of an event that cannot be read, if it has one.</param>
internal readonly record struct ReceivedEvent(CloudEvent? Event, string? Id)
{
    /// <summary>Reads an event or an array of events.</summary>
    /// <param name="body">The JSON.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static ReceivedEvent[] ReadAll(JsonElement body) => body.ValueKind switch
    {
        JsonValueKind.Array => [.. body.EnumerateArray().Select(one => Read(JsonMarshal.GetRawUtf8Value(one)))],
        JsonValueKind.Object => [Read(JsonMarshal.GetRawUtf8Value(body))],
        _ => throw new FormatException("The body must be an event or an array of events."),
    };

    /// <summary>Reads an event.</summary>
    /// <param name="json">One JSON object.</param>
    public static ReceivedEvent Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return new(JsonSerializer.Deserialize<CloudEvent>(json), null);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            // The exception may quote the event, so it is not logged.
            return new(null, IdOf(json));
        }
    }

    private static string? IdOf(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String
                ? id.ToString()
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is half of a surrogate pair.
            return null;
        }
    }
}
