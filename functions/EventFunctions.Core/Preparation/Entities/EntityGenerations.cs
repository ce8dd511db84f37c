using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Events;
using EventFunctions.Ports;

namespace EventFunctions.Preparation.Entities;

/// <summary>Which generation of the entities is read, which is being built, and which is going.</summary>
public sealed record EntityGenerations
{
    /// <summary>The generation that is read.</summary>
    public int Current { get; init; } = 1;

    /// <summary>Events recorded since then are all counted; older ones as far as they had not expired when the generation was begun.</summary>
    public required string Since { get; init; }

    /// <summary>The rebuild that is going on; null where there is none.</summary>
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

/// <summary>Keeps <see cref="EntityGenerations"/> in one document.</summary>
public sealed class EntityGenerationStore(IDocumentStore documents, TimeProvider time)
{
    /// <summary>The partition of the container for state.</summary>
    public const string Partition = "entities";

    /// <summary>The document's ID.</summary>
    public const string Id = "generations";

    // Records live at least this long after they are finished: what was recorded since cannot have expired yet.
    private static readonly TimeSpan ShortestLife = TimeSpan.FromDays(7);

    private static readonly GenerationContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<EntityRebuildPhase>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    });

    /// <summary>From when on every event is counted by a generation that is begun now.</summary>
    public string SinceNow => UtcMilliseconds.Text(time.GetUtcNow() - ShortestLife);

    /// <summary>Reads the state, which is begun where there is none.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state, and the ETag to replace it by.</returns>
    public async Task<(EntityGenerations State, string ETag)> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await documents.ReadAsync(DocumentContainer.State, Partition, Id, cancellationToken) is { } found)
            {
                var state = JsonSerializer.Deserialize(found.Body.Span, Context.EntityGenerations);
                return (state ?? throw new JsonException("The state of the entities is null."), found.ETag);
            }

            var first = new EntityGenerations { Since = SinceNow };
            if (await documents.CreateAsync(DocumentContainer.State, Write(first), cancellationToken) is { } etag)
            {
                return (first, etag);
            }
        }
    }

    /// <summary>Replaces the state.</summary>
    /// <param name="state">The new state.</param>
    /// <param name="etag">The ETag of the state that it follows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its ETag; null where somebody was first.</returns>
    public Task<string?> ReplaceAsync(EntityGenerations state, string etag, CancellationToken cancellationToken) =>
        documents.ReplaceAsync(DocumentContainer.State, Write(state), etag, cancellationToken);

    private static Document Write(EntityGenerations state) => new(Partition, Id, JsonSerializer.SerializeToUtf8Bytes(state, Context.EntityGenerations));
}

/// <summary>The contracts of the state, worked out by the compiler.</summary>
[JsonSerializable(typeof(EntityGenerations))]
internal sealed partial class GenerationContext : JsonSerializerContext;
