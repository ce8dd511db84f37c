using EventFunctions.Intake;

namespace EventFunctions.Http;

/// <summary>What would happen to an event of a message.</summary>
/// <param name="Result">What the rules say.</param>
/// <param name="Warnings">What its sender or administrator should know although the event would be accepted.</param>
internal sealed record MessageDryRun(DryRunResult Result, IReadOnlyList<string> Warnings);
