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
    /// <param name="pointer">A pointer as a URI fragment into the event, such as <c>#/type</c> or <c>#/data/policy</c>.</param>
    /// <returns>A pointer into the message; <c>#</c> where the place is none of the body's.</returns>
    public string InMessage(string pointer)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        if (pointer == "#/data" || pointer.StartsWith("#/data/", StringComparison.Ordinal))
        {
            return mapping.Data is { } data ? new MessagePointer(data).Fragment + pointer["#/data".Length..] : "#";
        }

        return ValueAt(pointer) is { Pointer: { } place } ? new MessagePointer(place).Fragment : "#";
    }

    /// <summary>Returns whether an attribute is one of CloudEvents' own, or <c>dataref</c>: their values are always strings.</summary>
    /// <param name="name">Its name.</param>
    internal static bool IsKnown(string name) => name is "id" or "type" or "subject" or "time" or "dataref";

    /// <summary>A reading whose errors lie in the message.</summary>
    internal MessageReading Reading(EventNotification? notification, IReadOnlyList<EventError> errors)
    {
        var inHeaders = errors.Where(error => ValueAt(error.Pointer)?.Header is not null);
        return new MessageReading(
            notification,
            [.. errors.Except(inHeaders).Select(error => new EventError(InMessage(error.Pointer), Naming(error)))],
            [.. inHeaders.Select(error => KeyValuePair.Create(ValueAt(error.Pointer)!.Header!, Naming(error)))]);
    }

    // The sender may not know that its "Event_Type" is a type.
    private static string Naming(EventError error) => error.Pointer == "#" ? error.Detail : $"Used as \"{error.Pointer[2..]}\" of the event: {error.Detail}";

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
