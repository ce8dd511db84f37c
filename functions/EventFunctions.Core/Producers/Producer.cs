using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>A registered source of events: who it is, which source it owns, and where its data may be fetched from.</summary>
public sealed record Producer
{
    /// <summary>The name, unique in the registry.</summary>
    public required string Name { get; init; }

    /// <summary>The CloudEvents <c>source</c> it owns, exactly.</summary>
    public required string Source { get; init; }

    /// <summary>Where full data is; null where its events carry all there is.</summary>
    public ProducerData? Data { get; init; }

    /// <summary>The types it may send, with what is special about each; empty allows every type.</summary>
    public ImmutableSortedDictionary<string, ProducerType> Types { get; init; } =
        ImmutableSortedDictionary.Create<string, ProducerType>(StringComparer.Ordinal);
}

/// <summary>What is special about one type of a producer's events.</summary>
public sealed record ProducerType;

/// <summary>Where a producer's full data may be fetched from, and how.</summary>
public sealed record ProducerData
{
    /// <summary>The longest time limit a producer may ask for.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(20);

    /// <summary>The largest size limit a producer may ask for, in bytes: what a stored item of 2 MB can hold.</summary>
    public const int MaxBytesLimit = 1_400_000;

    /// <summary>An absolute http or https URL that ends in <c>/</c>; every fetch lies under it.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>
    /// A path under <see cref="BaseUrl"/> with placeholders <c>{id}</c>, <c>{subject}</c>, <c>{type}</c>, <c>{source}</c>,
    /// whose values are percent-encoded; used where an event has no <c>dataref</c>.
    /// </summary>
    public string? Template { get; init; }

    /// <summary>How the service makes itself known.</summary>
    public ProducerAuth Auth { get; init; } = new();

    /// <summary>The longest one fetch may take, at most <see cref="MaxTimeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most bytes the data may have after content decoding, at most <see cref="MaxBytesLimit"/>.</summary>
    public int MaxBytes { get; init; } = 1_048_576;
}

/// <summary>How the service makes itself known to a producer.</summary>
public enum ProducerAuthKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>With a secret in a header.</summary>
    Header,

    /// <summary>With a token for the service's managed identity.</summary>
    ManagedIdentity,
}

/// <summary>How the service makes itself known to a producer.</summary>
public sealed record ProducerAuth
{
    /// <summary>Which way.</summary>
    public ProducerAuthKind Kind { get; init; }

    /// <summary>The header's name, for <see cref="ProducerAuthKind.Header"/>.</summary>
    public string? Header { get; init; }

    /// <summary>The name of the setting below <c>ProducerSecrets:</c> that holds the secret; never the secret itself.</summary>
    public string? Secret { get; init; }

    /// <summary>The scope asked for, for <see cref="ProducerAuthKind.ManagedIdentity"/>.</summary>
    public string? Scope { get; init; }
}
