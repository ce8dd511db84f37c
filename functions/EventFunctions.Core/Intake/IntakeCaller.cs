using EventFunctions.Producers;

namespace EventFunctions.Intake;

/// <summary>Identifies the sender of events, as far as the host knows it.</summary>
/// <param name="ObjectId">The sender's Entra ID object ID in lower case; null if it is not signed in.</param>
/// <param name="IsKnown">Whether the host can see who calls at all.</param>
/// <param name="KeyOf">The producer whose key the request carries; null if it carries none.</param>
public sealed record IntakeCaller(string? ObjectId, bool IsKnown, Producer? KeyOf = null);
