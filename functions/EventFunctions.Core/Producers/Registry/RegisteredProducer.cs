namespace EventFunctions.Producers.Registry;

/// <summary>A producer as the registry's documents have it, with its last change.</summary>
public sealed record RegisteredProducer
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The definition as <see cref="Definitions.ProducerJson"/> writes it; null where the producer is deleted.</summary>
    public string? Definition { get; init; }

    /// <summary>The source it owns; null where the producer is deleted.</summary>
    public string? Source { get; init; }

    /// <summary>The version in which it was registered: a producer that is deleted and registered again is another one.</summary>
    public int Since { get; init; }

    /// <summary>The change that created this version.</summary>
    public required ProducerChange LastChange { get; init; }

    /// <summary>The entity tag (RFC 9110 §8.8.3) by which clients name this state, quotes included.</summary>
    public string ETag => $"\"{LastChange.Version}\"";

    /// <summary>Returns the state of a name that was never registered.</summary>
    internal static RegisteredProducer None(string name) => new() { Name = name, LastChange = new ProducerChange(0, ProducerChangeKind.None, default, "", null) };
}

/// <summary>One change of a producer.</summary>
/// <param name="Version">Counts the changes of the name from 1, deletions included; 0 is none yet.</param>
/// <param name="Change">What happened.</param>
/// <param name="At">When, by the clock of the instance that did it.</param>
/// <param name="By">Who did it.</param>
/// <param name="Before">The definition before; null where there was none.</param>
public sealed record ProducerChange(int Version, ProducerChangeKind Change, DateTimeOffset At, string By, string? Before);

/// <summary>What may happen to a producer.</summary>
public enum ProducerChangeKind
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>It was created.</summary>
    Created,

    /// <summary>Its definition was replaced.</summary>
    Replaced,

    /// <summary>It was deleted.</summary>
    Deleted,
}
