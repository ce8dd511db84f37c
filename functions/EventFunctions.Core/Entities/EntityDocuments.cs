using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

/// <summary>
/// The documents of an entity: a summary, and one link for each event, all in the entity's partition. Each generation of
/// the projection has its own, told apart by kind and ID.
/// </summary>
public static class EntityDocuments
{
    private const int HashBytes = 16;

    private static readonly EntityContext Context = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    /// <summary>The kind, and the ID, of a generation's summaries.</summary>
    /// <param name="generation">The generation.</param>
    public static string SummaryKind(int generation) => string.Create(CultureInfo.InvariantCulture, $"entity-{generation}");

    /// <summary>The kind of a generation's links.</summary>
    /// <param name="generation">The generation.</param>
    public static string LinkKind(int generation) => string.Create(CultureInfo.InvariantCulture, $"link-{generation}");

    /// <summary>The link to the event of a fact. It is the same however often it is made.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="generation">The generation.</param>
    public static Document Link(EntityFact fact, int generation)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var kind = LinkKind(generation);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(fact.EventId), hash);
        var link = new ProjectedLink(kind, fact.EventId, fact.Type, UtcMilliseconds.Text(fact.Time), UtcMilliseconds.Text(fact.RecordedAt));
        return new Document(
            fact.Entity.Id, $"{kind}-{Base64Url.EncodeToString(hash[..HashBytes])}", JsonSerializer.SerializeToUtf8Bytes(link, Context.ProjectedLink));
    }

    /// <summary>The document of a summary.</summary>
    /// <param name="summary">The summary.</param>
    public static Document Write(EntitySummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return new(
            new EntityKey(summary.Source, summary.Subject).Id, summary.Kind, JsonSerializer.SerializeToUtf8Bytes(summary, Context.EntitySummary));
    }

    /// <summary>Reads a summary.</summary>
    /// <param name="document">Its document.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static EntitySummary ReadSummary(StoredDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var summary = JsonSerializer.Deserialize(document.Body.Span, Context.EntitySummary) ?? throw new JsonException("A summary is null.");
        return summary with
        {
            Counts = summary.Counts.WithComparers(StringComparer.Ordinal),
            Latest = summary.Latest.WithComparers(StringComparer.Ordinal),
            Unconfirmed = summary.Unconfirmed?.WithComparer(StringComparer.Ordinal),
        };
    }

    /// <summary>Reads a link.</summary>
    /// <param name="document">Its document.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static ProjectedLink ReadLink(StoredDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return JsonSerializer.Deserialize(document.Body.Span, Context.ProjectedLink) ?? throw new JsonException("A link is null.");
    }
}

/// <summary>A link from an entity to one of its events.</summary>
/// <param name="Kind"><see cref="EntityDocuments.LinkKind"/>.</param>
/// <param name="EventId">The event's ID.</param>
/// <param name="Type">Its type.</param>
/// <param name="Time">Its own time or, where it has none, when it was recorded.</param>
/// <param name="RecordedAt">When it was recorded.</param>
public sealed record ProjectedLink(string Kind, string EventId, string Type, string Time, string RecordedAt);

/// <summary>The contracts of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(EntitySummary))]
[JsonSerializable(typeof(ProjectedLink))]
internal sealed partial class EntityContext : JsonSerializerContext;
