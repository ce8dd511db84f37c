using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

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

    /// <summary>Reads the state, and creates it if absent.</summary>
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
