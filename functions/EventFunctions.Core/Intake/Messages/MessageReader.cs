using System.Globalization;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>
/// Makes events of a producer's own message, as its mapping says. What the mapping removes is gone before anything else looks at the
/// event: it can become neither data nor an attribute, and has no part in the fingerprint.
/// </summary>
public static class MessageReader
{
    private const int MaxOmittedLength = 500;

    /// <summary>Reads a message.</summary>
    /// <param name="source">The producer's own source, which the events have.</param>
    /// <param name="mapping">Where each attribute comes from.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">How it is signed; null if it is not. A hash covers the signed values, if these are not the whole body.</param>
    /// <exception cref="FormatException">The mapping holds a pointer that is none.</exception>
    public static MessageReading Read(string source, MessageMapping mapping, MessageEnvelope message, SignatureScheme? signature = null)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(message);
        var errors = new ErrorList();
        if (MessageBody.Read(mapping, message, errors) is not { } json)
        {
            return new MessageReading([], errors.ToList(), []);
        }

        var places = new MessagePlaces(mapping);
        var whole = MessageElements.Parse(json.Bytes);
        var elements = MessageElements.Of(mapping, whole);
        if (elements is not { Count: <= MessageElements.Max })
        {
            var detail = elements is null ? "Must be an array of events." : $"Must have at most {MessageElements.Max} events.";
            return new MessageReading([], [new EventError(new MessagePointer(mapping.Each!).Fragment, detail)], []);
        }

        var remove = mapping.Remove.Select(pointer => new MessagePointer(pointer)).ToList();
        var events = new List<MessageEvent>(elements.Count);
        var path = new JsonPath();
        foreach (var (index, element) in elements.Index())
        {
            if (mapping.Each is not null)
            {
                path.Push(index);
            }

            var raw = mapping.Each is null ? json.Bytes : Encoding.UTF8.GetBytes(element.GetRawText());
            var remaining = remove.Count == 0 ? element : MessageElements.Parse(MessageContent.Without(raw, remove));
            var values = new MessageValues(message.Headers, remaining, mapping.Each is null ? remaining : whole, SignedOf(signature, message, element));
            if (Read(source, mapping, values, remaining, path, errors) is { } read)
            {
                events.Add(read);
            }

            if (mapping.Each is not null)
            {
                path.Pop();
            }
        }

        return places.Reading(errors.Count == 0 ? events : [], errors.ToList());
    }

    // Where values are signed one after the other, the same signature fits other fields with the same characters. They must not be another event.
    private static ReadOnlyMemory<byte>? SignedOf(SignatureScheme? signature, MessageEnvelope message, JsonElement element) =>
        signature is { CoversBody: false } ? SignedContent.Of(signature, message, null, element, out _) : null;

    private static MessageEvent? Read(
        string source, MessageMapping mapping, MessageValues values, JsonElement element, JsonPath path, ErrorList errors)
    {
        var draft = new EventDraft(path, errors);
        var omitted = new StringBuilder();
        draft.Set("source", new(ExtensionType.Text, source));
        foreach (var (name, value) in new MessagePlaces(mapping).Attributes)
        {
            var found = values.Find(name, value, out var wrong);
            if (name is "id" or "type")
            {
                if (wrong is not null)
                {
                    draft.Reject(name, wrong);
                }
                else if (found is { } required)
                {
                    draft.Set(name, required);
                }

                continue;
            }

            // What the sender cannot change does not refuse its event.
            wrong ??= found is { } optional ? AttributeRules.CheckValue(name, optional.Value) : null;
            if (wrong is not null)
            {
                omitted.Append(omitted.Length == 0 ? "left out " : "; ").Append(CultureInfo.InvariantCulture, $"{name} ({wrong.TrimEnd('.')})");
            }
            else if (found is { } usable)
            {
                draft.Set(name, usable);
            }
        }

        var notification = draft.Finish(DataOf(mapping, element), needsSpecVersion: false);
        return notification is null ? null : new MessageEvent(
            notification, omitted.Length == 0 ? null : omitted.ToString(0, Math.Min(omitted.Length, MaxOmittedLength)));
    }

    private static EventContent? DataOf(MessageMapping mapping, JsonElement message) =>
        mapping.Data is { } pointer && new MessagePointer(pointer).Find(message) is { } data ? EventContent.FromJson(data.GetRawText()) : null;
}
