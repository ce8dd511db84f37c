namespace EventFunctions.Simulation.Planted;

/// <summary>A fault of the protocol, as a change of one place in the source: the simulation must find it.</summary>
/// <param name="Name">The name.</param>
/// <param name="File">The file, below the folder of the core.</param>
/// <param name="Breaks">What it breaks.</param>
/// <param name="Text">The text that it replaces, which occurs once.</param>
/// <param name="Replacement">The text that replaces it.</param>
/// <param name="Seed">The seed that finds it; null if none is known.</param>
internal sealed record PlantedFault(string Name, string File, string Breaks, string Text, string Replacement, ulong? Seed)
{
    /// <summary>Returns the source with the fault.</summary>
    /// <param name="source">The source without it.</param>
    /// <exception cref="InvalidDataException">The text does not occur exactly once.</exception>
    public string Plant(string source)
    {
        var at = source.IndexOf(Text, StringComparison.Ordinal);
        return at < 0 ? throw new InvalidDataException($"The planted fault {Name} no longer fits: {File} does not contain its text.")
            : source.IndexOf(Text, at + 1, StringComparison.Ordinal) >= 0 ? throw new InvalidDataException($"The text of the planted fault {Name} occurs more than once in {File}.")
            : string.Concat(source.AsSpan(0, at), Replacement, source.AsSpan(at + Text.Length));
    }
}
