using EventFunctions.Producers.Keys;

namespace EventFunctions.Administration;

/// <summary>The outcome of a change to a producer's keys.</summary>
/// <param name="Verdict">What became of it.</param>
public sealed record ProducerKeyOutcome(ProducerKeyVerdict Verdict)
{
    /// <summary>The key that was made, or that could not be rotated.</summary>
    public ProducerKey? Key { get; init; }

    /// <summary>The text of the key that was made; it is kept nowhere.</summary>
    public string? Text { get; init; }
}

/// <summary>What an administrator asks of a new key.</summary>
/// <param name="Label">What it is for; null says nothing.</param>
/// <param name="ExpiresAt">When it ends; null for never.</param>
public sealed record ProducerKeyRequest(string? Label, DateTimeOffset? ExpiresAt);

/// <summary>What may become of a change of a producer's keys.</summary>
public enum ProducerKeyVerdict
{
    /// <summary>A key was made.</summary>
    Created,

    /// <summary>The key was revoked.</summary>
    Revoked,

    /// <summary>All keys were removed.</summary>
    Removed,

    /// <summary>It is as asked for already.</summary>
    Unchanged,

    /// <summary>The producer does not exist.</summary>
    NoProducer,

    /// <summary>The producer has no such key.</summary>
    NoKey,

    /// <summary>The key has ended, and cannot be rotated.</summary>
    Ended,

    /// <summary>The key was rotated before.</summary>
    Replaced,

    /// <summary>The producer has as many active keys as it may have.</summary>
    TooMany,
}
