using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Maps errors in attributes to their places in the message.</summary>
/// <param name="mapping">Where each attribute comes from.</param>
public sealed class MessagePlaces(MessageMapping mapping)
{
    /// <summary>The attributes that are mapped, by their CloudEvents names.</summary>
    public IEnumerable<KeyValuePair<string, MessageValue>> Attributes
    {
        get
        {
            yield return new("id", mapping.Id);
            yield return new("type", mapping.Type);
            foreach (var (name, value) in new[] { ("subject", mapping.Subject), ("time", mapping.Time), ("dataref", mapping.DataRef) })
            {
                if (value is not null)
                {
                    yield return new(name, value);
                }
            }

            foreach (var extension in mapping.Extensions)
            {
                yield return extension;
            }
        }
    }

    /// <summary>Where the mapping finds what a pointer into the event names.</summary>
    /// <param name="pointer">
    /// A pointer as a URI fragment into the event, such as <c>#/type</c> or <c>#/data/policy</c>; behind the event's index if the message has
    /// several.
    /// </param>
    /// <returns>A pointer into the message; <c>#</c> where the place is none of the body's.</returns>
    public string InMessage(string pointer)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        var (start, place) = Split(pointer);
        if (place == "#/data" || place.StartsWith("#/data/", StringComparison.Ordinal))
        {
            return mapping.Data is { } data ? start + new MessagePointer(data).Fragment[1..] + place["#/data".Length..] : start;
        }

        return ValueAt(place) is not { } value ? start
            : (value.Pointer ?? value.Hash) is not { } found ? start
            : (value.Whole ? "#" : start) + new MessagePointer(found).Fragment[1..];
    }

    /// <summary>Returns whether an attribute is one of CloudEvents' own, or <c>dataref</c>: their values are always strings.</summary>
    /// <param name="name">Its name.</param>
    internal static bool IsKnown(string name) => name is "id" or "type" or "subject" or "time" or "dataref";

    /// <summary>A reading whose errors lie in the message.</summary>
    internal MessageReading Reading(IReadOnlyList<MessageEvent> events, IReadOnlyList<EventError> errors)
    {
        var inHeaders = errors.Where(error => HeaderAt(error.Pointer) is not null).ToList();
        return new MessageReading(
            events,
            [.. errors.Except(inHeaders).Select(error => new EventError(InMessage(error.Pointer), Naming(error)))],
            [.. inHeaders.Select(error => KeyValuePair.Create(HeaderAt(error.Pointer)!, Naming(error)))]);
    }

    // The sender may not know that its "Event_Type" is a type.
    private string Naming(EventError error) =>
        Split(error.Pointer).Place is var place && place == "#" ? error.Detail : $"Used as \"{place[2..]}\" of the event: {error.Detail}";

    private string? HeaderAt(string pointer) => ValueAt(Split(pointer).Place)?.Header;

    // Where the event is in the message, and the pointer within the event.
    private (string Start, string Place) Split(string pointer)
    {
        if (mapping.Each is not { } each || pointer.Length < 2)
        {
            return ("#", pointer);
        }

        var end = pointer.IndexOf('/', 2);
        var index = end < 0 ? pointer[2..] : pointer[2..end];
        return MessagePointer.IndexOf(index) is null ? ("#", pointer)
            : (new MessagePointer(each).Fragment + "/" + index, end < 0 ? "#" : "#" + pointer[end..]);
    }

    private MessageValue? ValueAt(string pointer)
    {
        foreach (var (name, value) in Attributes)
        {
            if (pointer == "#/" + name)
            {
                return value;
            }
        }

        return null;
    }
}
