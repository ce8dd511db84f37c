using System.Collections.Immutable;
using EventFunctions.Filters;

namespace EventFunctions.Producers;

/// <summary>A registered source of events: who it is, which source it owns, and where its data may be fetched from.</summary>
public sealed record Producer
{
    /// <summary>The name, unique in the registry.</summary>
    public required string Name { get; init; }

    /// <summary>The CloudEvents <c>source</c> that it owns, or a pattern of sources such as <c>/hubs/*</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Whether <see cref="Source"/> is a pattern.</summary>
    public bool HasSourcePattern => SourcePattern.Is(Source);

    /// <summary>The one source that it owns; null if it owns all that a pattern covers.</summary>
    public string? OnlySource => SourcePattern.OnlyOf(Source);

    /// <summary>The preset that its messages and verification build on; null for none.</summary>
    public string? Preset { get; init; }

    /// <summary>Where full data is; null where events carry all there is, and nothing is fetched.</summary>
    public ProducerData? Data { get; init; }

    /// <summary>The types that it may send, with the rules of each; empty allows every type.</summary>
    public ImmutableSortedDictionary<string, ProducerType> Types { get; init; } =
        ImmutableSortedDictionary.Create<string, ProducerType>(StringComparer.Ordinal);

    /// <summary>
    /// Whether events make entities: true for every event with an entity, false for none, null for those of types that name
    /// <see cref="ProducerType.Entity"/> or <see cref="ProducerType.Changes"/>.
    /// </summary>
    public bool? Entities { get; init; }

    /// <summary>The feed that its events are pulled from; null where it sends them itself.</summary>
    public ProducerFeed? Feed { get; init; }

    /// <summary>How its own messages become events; null where it speaks CloudEvents.</summary>
    public MessageMapping? Messages { get; init; }

    /// <summary>How it proves that a message is its own; null where it sends none.</summary>
    public MessageVerification? Verification { get; init; }

    /// <summary>The Entra ID objects (users, applications, managed identities) that alone may post its source; empty lets every holder of a key.</summary>
    public ImmutableSortedSet<string> Callers { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many events per minute an instance takes from it; null follows <c>Quotas:EventsPerMinute</c>.</summary>
    public int? EventsPerMinute { get; init; }

    /// <summary>How long its events are kept, if different from the service's settings.</summary>
    internal ProducerRetention Retention { get; init; } = new();

    /// <summary>Returns whether its registered source is, or covers, the source of an event. A more specific one of another producer goes first.</summary>
    /// <param name="source">The source.</param>
    public bool Owns(string source) => SourcePattern.Covers(Source, source);

    /// <summary>Returns whether events of a type make entities, if they have one.</summary>
    /// <param name="type">The type.</param>
    public bool MakesEntities(string type) =>
        Entities ?? (Types.TryGetValue(type, out var rules) && (!rules.Entity.IsEmpty || rules.Changes));
}

/// <summary>The rules of one type of a producer's events.</summary>
public sealed record ProducerType
{
    /// <summary>JSON pointers (RFC 6901) into <c>data</c> that make the entity's subject; empty takes the event's <c>subject</c>.</summary>
    public ImmutableArray<string> Entity { get; init; } = [];

    /// <summary>The JSON Schema of the notification's <c>data</c>, as JSON text; null allows everything.</summary>
    public string? Schema { get; init; }

    /// <summary>The JSON Schema of the full data, as JSON text; null allows everything.</summary>
    public string? DataSchema { get; init; }

    /// <summary>Which events are published; what does not pass is recorded as <c>filtered</c>.</summary>
    public AdvancedFilters Publish { get; init; } = AdvancedFilters.None;

    /// <summary>Which of the published events are enriched; the others are completed without full data.</summary>
    public AdvancedFilters Enrich { get; init; } = AdvancedFilters.None;

    /// <summary>Whether enriched events name the event of the entity before and what changed since.</summary>
    public bool Changes { get; init; }

    /// <summary>How often an event of this type is expected at least; null expects none.</summary>
    public TimeSpan? ExpectEvery { get; init; }

    /// <summary>Whether <see cref="ExpectEvery"/> holds for each entity rather than for the producer.</summary>
    public bool ExpectPerEntity { get; init; }
}

/// <summary>The format of a feed's pages.</summary>
public enum FeedFormat
{
    /// <summary>CloudEvents as JSON (http-feeds.org).</summary>
    Json,

    /// <summary>Atom (RFC 4287).</summary>
    Atom,

    /// <summary>RSS 2.0.</summary>
    Rss,
}

/// <summary>A producer's feed.</summary>
public sealed record ProducerFeed
{
    /// <summary>The format.</summary>
    public FeedFormat Format { get; init; }

    /// <summary>The type of the events that entries become; null for CloudEvents, which have their own.</summary>
    public string? Type { get; init; }

    /// <summary>Its absolute URL, under the producer's <see cref="ProducerData.BaseUrl"/>.</summary>
    public required Uri Url { get; init; }

    /// <summary>When it is read: an NCRONTAB expression with seconds, in UTC.</summary>
    public required string Schedule { get; init; }

    /// <summary>The member of a page that has the array of events; null if the page is the array.</summary>
    public string? Items { get; init; }

    /// <summary>Whether an <c>id</c> may be a JSON number, whose digits become the event's ID.</summary>
    public bool NumericIds { get; init; }

    /// <summary>Whether a page begins with the event that <c>lastEventId</c> names.</summary>
    public bool IncludesLast { get; init; }
}

/// <summary>How long a producer's finished events are kept; at least seven days.</summary>
internal sealed record ProducerRetention
{
    /// <summary>Days that records are kept; null follows <c>Enrichment:RecordTimeToLive</c>.</summary>
    public int? RecordDays { get; init; }

    /// <summary>
    /// Days that full data is kept, no more than its record is; null follows <c>Enrichment:DataTimeToLive</c>.
    /// </summary>
    public int? DataDays { get; init; }
}

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
