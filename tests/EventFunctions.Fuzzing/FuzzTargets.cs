using EventFunctions.Fuzzing.Targets;

namespace EventFunctions.Fuzzing;

/// <summary>All readers of what comes from outside.</summary>
internal static class FuzzTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } = [.. EventTargets.All, .. MessageTargets.All, .. DefinitionTargets.All, .. QueryTargets.All];
}
