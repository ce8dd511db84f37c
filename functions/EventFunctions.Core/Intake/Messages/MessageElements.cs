using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>The parts of a message that are an event each.</summary>
internal static class MessageElements
{
    /// <summary>The most events of one message.</summary>
    public const int Max = 1_000;

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = StrictJson.MaxDepth };

    /// <summary>Parses a message.</summary>
    public static JsonElement Parse(ReadOnlyMemory<byte> json) => JsonElement.Parse(json.Span, Depth);

    /// <summary>Returns the parts; null if the mapping names an array that the message does not have.</summary>
    public static List<JsonElement>? Of(MessageMapping mapping, JsonElement message) =>
        mapping.Each is not { } each ? [message]
        : new MessagePointer(each).Find(message) is { ValueKind: JsonValueKind.Array } array ? [.. array.EnumerateArray()]
        : null;

    /// <summary>Returns a value as the text that it is written with; null if it is an object, an array or null.</summary>
    public static string? TextOf(JsonElement? value) => value is not { } found ? null : found.ValueKind switch
    {
        JsonValueKind.String => found.GetString(),
        JsonValueKind.Number => found.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
