using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Refusals;

/// <summary>An event that was refused alone.</summary>
/// <param name="Item">The event.</param>
/// <param name="Producer">The producer in whose list it is kept; null if its source has none.</param>
/// <param name="Errors">What is wrong with it.</param>
/// <param name="Reason">The kind of reason if a rule rejected it.</param>
internal sealed record RefusedItem(ReceivedItem Item, string? Producer, IReadOnlyList<EventError> Errors, RefusalReason? Reason = null);
