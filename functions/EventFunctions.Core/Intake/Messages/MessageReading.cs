using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Messages;

/// <summary>What a producer's mapping made of a message.</summary>
/// <param name="Event">The event; null where anything is wrong.</param>
/// <param name="Errors">What is wrong with the body, each at the place that the mapping points to.</param>
/// <param name="HeaderErrors">What is wrong with headers, by their names.</param>
public sealed record MessageReading(
    EventNotification? Event, IReadOnlyList<EventError> Errors, IReadOnlyList<KeyValuePair<string, string>> HeaderErrors);
