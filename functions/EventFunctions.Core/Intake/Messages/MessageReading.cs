using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Messages;

/// <summary>What a producer's mapping made of a message.</summary>
/// <param name="Events">The events; empty where anything is wrong.</param>
/// <param name="Errors">What is wrong with the body, each at the place that the mapping points to.</param>
/// <param name="HeaderErrors">What is wrong with headers, by their names.</param>
public sealed record MessageReading(
    IReadOnlyList<MessageEvent> Events, IReadOnlyList<EventError> Errors, IReadOnlyList<KeyValuePair<string, string>> HeaderErrors)
{
    /// <summary>Whether the message can be used.</summary>
    public bool IsValid => Errors.Count == 0 && HeaderErrors.Count == 0;
}

/// <summary>An event of a message.</summary>
/// <param name="Event">The event.</param>
/// <param name="Omitted">Which optional attributes are left out because the message's values are unusable; null for none.</param>
public sealed record MessageEvent(EventNotification Event, string? Omitted);
