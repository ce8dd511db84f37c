using EventFunctions.Producers.Registry;

namespace EventFunctions.Administration;

/// <summary>What became of a change to the registry.</summary>
/// <param name="Verdict">What became of it.</param>
public sealed record ProducerOutcome(ProducerVerdict Verdict)
{
    /// <summary>The producer as it is now; null where the settings have it.</summary>
    public RegisteredProducer? Producer { get; init; }

    /// <summary>The producer's entity tag before; null where there was none.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>Who has the source, where that is why.</summary>
    public string? Owner { get; init; }
}

/// <summary>What may become of a change to the registry.</summary>
public enum ProducerVerdict
{
    /// <summary>The producer is new.</summary>
    Created,

    /// <summary>The producer has another definition now.</summary>
    Replaced,

    /// <summary>The producer had this definition already.</summary>
    Unchanged,

    /// <summary>The producer is gone.</summary>
    Deleted,

    /// <summary>There is no such producer.</summary>
    NotFound,

    /// <summary>The state is another than the client thinks.</summary>
    PreconditionFailed,

    /// <summary>The client does not say which state it means to change.</summary>
    PreconditionRequired,

    /// <summary>The settings have the producer, and only they can change it.</summary>
    Fixed,

    /// <summary>Another producer has the source.</summary>
    SourceTaken,
}

/// <summary>A page of a producer's changes, newest first.</summary>
/// <param name="Items">The changes.</param>
/// <param name="Continuation">Where the next page begins; null on the last page.</param>
public sealed record ProducerHistory(IReadOnlyList<ProducerChange> Items, string? Continuation);
