using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>
/// Makes an event of a producer's own JSON message, as its mapping says. What the mapping removes is gone before anything
/// else looks at the message: it can become neither data nor an attribute, and has no part in the fingerprint.
/// </summary>
public static class MessageReader
{
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = StrictJson.MaxDepth };

    /// <summary>Reads a message.</summary>
    /// <param name="source">The producer's own source, which the event has.</param>
    /// <param name="mapping">Where each attribute comes from.</param>
    /// <param name="headers">The message's headers.</param>
    /// <param name="body">The message: one JSON value in UTF-8.</param>
    /// <exception cref="FormatException">The mapping holds a pointer that is none.</exception>
    public static MessageReading Read(string source, MessageMapping mapping, MessageHeaders headers, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(headers);
        var errors = new ErrorList();
        if (JsonContent.Read(body, new JsonPath(), errors) is not { } whole)
        {
            return new MessageReading(null, errors.ToList(), []);
        }

        var remaining = MessageContent.Without(whole.Bytes, mapping.Remove.Select(pointer => new MessagePointer(pointer)));
        using var message = JsonDocument.Parse(remaining, Depth);
        var draft = new EventDraft(new JsonPath(), errors);
        var places = new MessagePlaces(mapping);
        draft.Set("source", Text(source));
        foreach (var (name, value) in places.Attributes)
        {
            Set(draft, name, value, headers, message.RootElement);
        }

        var notification = draft.Finish(DataOf(mapping, message.RootElement), needsSpecVersion: false);
        return places.Reading(notification, errors.ToList());
    }

    private static void Set(EventDraft draft, string name, MessageValue value, MessageHeaders headers, JsonElement message)
    {
        switch (value)
        {
            case { Constant: { } constant }:
                draft.Set(name, Text(value.Prefix + constant));
                break;
            case { Header: { } header }:
                switch (headers(header))
                {
                    case []:
                        break;
                    case [{ } only]:
                        draft.Set(name, Text(value.Prefix + only));
                        break;
                    default:
                        draft.Reject(name, "Given more than once.");
                        break;
                }

                break;
            case { Pointer: { } pointer } when new MessagePointer(pointer).Find(message) is { } found:
                Set(draft, name, value.Prefix, found);
                break;
            default:
                break;
        }
    }

    private static void Set(EventDraft draft, string name, string? prefix, JsonElement found)
    {
        switch (found.ValueKind)
        {
            case JsonValueKind.Null:
                // The same as absent, as in CloudEvents.
                break;
            case JsonValueKind.String:
                draft.Set(name, Text(prefix + found.GetString()));
                break;
            case JsonValueKind.Number:
                draft.Set(name, IsPlain(name, prefix) && found.TryGetInt32(out var number)
                    ? new(ExtensionType.Integer, number.ToString(CultureInfo.InvariantCulture))
                    : Text(prefix + found.GetRawText()));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                var truth = found.ValueKind == JsonValueKind.True ? "true" : "false";
                draft.Set(name, IsPlain(name, prefix) ? new(ExtensionType.Boolean, truth) : Text(prefix + truth));
                break;
            default:
                draft.Reject(name, "Must be a string, a number or a boolean.");
                break;
        }
    }

    // Only extension attributes have types; what has a prefix is text.
    private static bool IsPlain(string name, string? prefix) => string.IsNullOrEmpty(prefix) && !MessagePlaces.IsKnown(name);

    private static EventContent? DataOf(MessageMapping mapping, JsonElement message) =>
        mapping.Data is { } pointer && new MessagePointer(pointer).Find(message) is { } data ? EventContent.FromJson(data.GetRawText()) : null;

    private static ExtensionValue Text(string value) => new(ExtensionType.Text, value);
}
