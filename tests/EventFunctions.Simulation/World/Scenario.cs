namespace EventFunctions.Simulation.World;

/// <summary>Which world is simulated: a seed, and what shrinking took away from it.</summary>
internal sealed record Scenario(ulong Seed)
{
    /// <summary>The faults that do not happen, as a set of bits.</summary>
    public int Without { get; init; }

    /// <summary>The most faults that happen.</summary>
    public int MaxFaults { get; init; } = int.MaxValue;

    /// <summary>The actions that do not happen, by their numbers.</summary>
    public IReadOnlySet<int> Skipped { get; init; } = new HashSet<int>();

    /// <summary>Whether the steps are kept as text.</summary>
    public bool Tells { get; init; }
}
