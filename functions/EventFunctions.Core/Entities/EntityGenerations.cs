using System.Text.Json.Serialization;

namespace EventFunctions.Entities;

/// <summary>Which generation of the entities is read, which is being built, and which is going.</summary>
public sealed record EntityGenerations
{
    /// <summary>The generation that is read.</summary>
    public int Current { get; init; } = 1;

    /// <summary>Events recorded since then are all counted; older ones as far as they had not expired when the generation was begun.</summary>
    public required string Since { get; init; }

    /// <summary>The current rebuild; null if there is none.</summary>
    public EntityRebuildState? Rebuild { get; init; }

    /// <summary>The generations that new events are counted in.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> Written => Rebuild is { Phase: EntityRebuildPhase.Building } rebuild ? [Current, rebuild.Generation] : [Current];
}

/// <summary>How far a rebuild is.</summary>
public enum EntityRebuildPhase
{
    /// <summary>The store's events are read into the new generation, and new events are counted in both.</summary>
    Building,

    /// <summary>The new generation is read; what an instance that had not heard of it counted only in the old one is counted again.</summary>
    Settling,

    /// <summary>The old generation is removed.</summary>
    Removing,
}

/// <summary>A rebuild.</summary>
public sealed record EntityRebuildState
{
    /// <summary>The generation that is being built.</summary>
    public required int Generation { get; init; }

    /// <summary>The generation that it takes the place of.</summary>
    public required int Old { get; init; }

    /// <summary>How far it is.</summary>
    public EntityRebuildPhase Phase { get; init; }

    /// <summary>When it was asked for.</summary>
    public required string StartedAt { get; init; }

    /// <summary>When the new generation took the place of the old one; null before.</summary>
    public string? SwitchedAt { get; init; }

    /// <summary>See <see cref="EntityGenerations.Since"/>, for the new generation.</summary>
    public required string Since { get; init; }

    /// <summary>Up to where the store's changes were read; null for none.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many changes were read.</summary>
    public long Read { get; init; }
}
