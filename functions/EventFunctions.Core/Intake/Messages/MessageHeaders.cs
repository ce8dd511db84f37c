namespace EventFunctions.Intake.Messages;

/// <summary>The values of a message's header, in the order they came; empty where the header is missing.</summary>
/// <param name="name">The header's name, whatever its case.</param>
public delegate IReadOnlyList<string?> MessageHeaders(string name);
