using EventFunctions.Producers.Registry;

namespace EventFunctions.Administration;

/// <summary>The outcome of a change to the registry.</summary>
/// <param name="Verdict">What became of it.</param>
public sealed record ProducerOutcome(ProducerVerdict Verdict)
{
    /// <summary>The producer as it is now; null where the settings have it.</summary>
    public RegisteredProducer? Producer { get; init; }

    /// <summary>The producer's entity tag before the change; null if the producer did not exist.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>The producer that owns the source, if the change conflicts with it.</summary>
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

    /// <summary>The producer does not exist.</summary>
    NotFound,

    /// <summary>The precondition failed: the producer was changed or does not exist.</summary>
    PreconditionFailed,

    /// <summary>The precondition failed: the producer exists, and the client excludes that.</summary>
    AlreadyExists,

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
