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
        JsonValueKind.Array => [.. body.EnumerateArray().Select(Read)],
        JsonValueKind.Object => [Read(body)],
        _ => throw new FormatException("The body must be an event or an array of events."),
    };

    /// <summary>Reads an event.</summary>
    /// <param name="json">One JSON object.</param>
    public static ReceivedEvent Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return new(JsonSerializer.Deserialize<CloudEvent>(json.Span), null);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return new(null, IdOf(json));
        }
    }

    private static ReceivedEvent Read(JsonElement json)
    {
        try
        {
            return new(json.Deserialize<CloudEvent>(), null);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return new(null, IdOf(json));
        }
    }

    // The exception may quote the event, so it is not logged.
    private static bool IsUnreadable(Exception e) =>
        e is JsonException or FormatException or ArgumentException or InvalidOperationException or NotSupportedException;

    private static string? IdOf(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return IdOf(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? IdOf(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.String ? id.ToString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return null;
        }
    }
}
