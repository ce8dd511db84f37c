using EventFunctions.Records;
using EventFunctions.Schemas;

namespace EventFunctions.Preparation;

/// <summary>What a producer's rules make of an event.</summary>
public sealed record PreparedEvent
{
    /// <summary>The rule that keeps deletions from being enriched.</summary>
    internal const string DeletionRule = "method DELETE";

    /// <summary>The violations of the type's schema, at pointers into the data. With any of them the event is rejected.</summary>
    public IReadOnlyList<SchemaError> Errors { get; init; } = [];

    /// <summary>The event's entity; null if it cannot be determined.</summary>
    public EntityKey? Entity { get; init; }

    /// <summary>Whether the event makes an entity that can be read; without it, <see cref="Entity"/> only identifies what the event is about.</summary>
    public bool Linked { get; init; }

    /// <summary>Whether the event says that its subject was deleted.</summary>
    public bool Deletion { get; init; }

    /// <summary>Why there is no entity, where the type names pointers that should have led to one.</summary>
    public string? NoEntity { get; init; }

    /// <summary>The rule that keeps the event from being published, such as <c>publish[0] StringIn data.kind</c>; null publishes it.</summary>
    public string? FilteredBy { get; init; }

    /// <summary>The rule that keeps the event from being enriched, such as <c>enrich[1] NumberGreaterThan data.premium</c>; null enriches it.</summary>
    public string? NotEnrichedBy { get; init; }

    /// <summary>Whether the event would be published.</summary>
    public bool WouldPublish => Errors.Count == 0 && FilteredBy is null;

    /// <summary>Whether its full data would be fetched.</summary>
    public bool WouldEnrich => WouldPublish && NotEnrichedBy is null;
}
