namespace EventFunctions.Intake;

/// <summary>Who sends events, as far as the host is told.</summary>
/// <param name="ObjectId">The Entra ID object ID of whoever calls, in lower case; null where nobody is signed in.</param>
/// <param name="IsTold">Whether the host is told who calls at all.</param>
public sealed record IntakeCaller(string? ObjectId, bool IsTold);
