using System.Collections.Immutable;
using EventFunctions.Records;

namespace EventFunctions.Entities;

/// <summary>What the links of an entity say about it. Times are spelt by <see cref="UtcMilliseconds"/>.</summary>
public sealed record EntitySummary
{
    /// <summary>The entity.</summary>
    public required EntityKey Entity { get; init; }

    /// <summary>When the first of the counted events was recorded.</summary>
    public required string FirstSeen { get; init; }

    /// <summary>When the last event was recorded.</summary>
    public required string LastSeen { get; init; }

    /// <summary>The events by type: how many, and the latest.</summary>
    public required ImmutableSortedDictionary<string, (int Count, EntityLink Latest)> Types { get; init; }

    /// <summary>The latest event with full data; null if there is none.</summary>
    public EntityLink? Data { get; init; }

    /// <summary>Since when events are counted, if the entity has more than are read at once; null if all are counted.</summary>
    public string? CountedSince { get; init; }

    /// <summary>Creates the summary of an entity.</summary>
    /// <param name="links">Its links, the last recorded first; at least one.</param>
    /// <param name="isWhole">Whether these are all.</param>
    internal static EntitySummary Of(IReadOnlyList<EntityLink> links, bool isWhole) => new()
    {
        Entity = links[0].Entity,
        FirstSeen = links[^1].RecordedAt,
        LastSeen = links[0].RecordedAt,
        Types = links.GroupBy(link => link.Type, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(type => type.Key, type => (type.Count(), Latest(type)!), StringComparer.Ordinal),
        Data = Latest(links.Where(link => link.Run is not null)),
        CountedSince = isWhole ? null : links[^1].RecordedAt,
    };

    private static EntityLink? Latest(IEnumerable<EntityLink> links) =>
        links.Aggregate((EntityLink?)null, (latest, link) => latest is null || link.IsAfter(latest) ? link : latest);
}
