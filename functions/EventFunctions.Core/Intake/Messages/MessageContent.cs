using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Messages;

/// <summary>The JSON of a message, and what remains of it when what must not be kept is taken out.</summary>
internal static class MessageContent
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // The strict reader has counted already; this is so that the two agree.
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = StrictJson.MaxDepth };

    /// <summary>Takes values out. Every number and text that remains keeps its spelling or at least its value, digit for digit.</summary>
    /// <param name="json">One JSON value that is strict: no name twice.</param>
    /// <param name="remove">What to take out; what is not there is no error.</param>
    public static ReadOnlyMemory<byte> Without(ReadOnlyMemory<byte> json, IEnumerable<MessagePointer> remove)
    {
        var places = new List<(JsonNode Parent, string Token)>();
        JsonNode? whole = null;
        foreach (var pointer in remove)
        {
            whole ??= JsonNode.Parse(json.Span, documentOptions: Depth);
            if (pointer.Tokens.Length > 0 && ParentOf(whole, pointer) is { } parent)
            {
                places.Add((parent, pointer.Tokens[^1]));
            }
        }

        if (places.Count == 0)
        {
            return json;
        }

        // From the back, so that the indexes of the others go on counting from the message as it came.
        foreach (var (parent, token) in places.Distinct().OrderByDescending(place => MessagePointer.IndexOf(place.Token) ?? -1))
        {
            Remove(parent, token);
        }

        return JsonSerializer.SerializeToUtf8Bytes(whole, Relaxed);
    }

    private static JsonNode? ParentOf(JsonNode? whole, MessagePointer pointer)
    {
        var found = whole;
        foreach (var token in pointer.Tokens[..^1])
        {
            found = found switch
            {
                JsonObject members => members[token],
                JsonArray items when MessagePointer.IndexOf(token) is { } index && index < items.Count => items[index],
                _ => null,
            };
        }

        return found;
    }

    private static void Remove(JsonNode parent, string token)
    {
        if (parent is JsonObject members)
        {
            members.Remove(token);
        }
        else if (parent is JsonArray items && MessagePointer.IndexOf(token) is { } index && index < items.Count)
        {
            items.RemoveAt(index);
        }
    }
}
