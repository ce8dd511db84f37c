using EventFunctions.Producers;

namespace EventFunctions.Intake;

/// <summary>Who sends events, as far as the host is told.</summary>
/// <param name="ObjectId">The Entra ID object ID of whoever calls, in lower case; null where nobody is signed in.</param>
/// <param name="IsTold">Whether the host is told who calls at all.</param>
/// <param name="KeyOf">The producer whose key the request brings; null if it brings none.</param>
public sealed record IntakeCaller(string? ObjectId, bool IsTold, Producer? KeyOf = null);
