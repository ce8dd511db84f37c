using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Entities;

/// <summary>One event of an entity, as a document in the entity's partition. Times are spelt by <see cref="UtcMilliseconds"/>.</summary>
public sealed record EntityLink
{
    /// <summary>The <see cref="Kind"/> of events with full data.</summary>
    internal const string EnrichedKind = "enriched";

    private const string PlainKind = "plain";
    private const int HashBytes = 16;

    private static readonly LinkContext Context = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    });

    /// <summary>Whether the event has full data, as queries ask for it.</summary>
    public string Kind => Run is null ? PlainKind : EnrichedKind;

    /// <summary>The entity's source.</summary>
    public required string Source { get; init; }

    /// <summary>The entity's subject.</summary>
    public required string Subject { get; init; }

    /// <summary>The name of the producer that sent the event: a source may change its owner.</summary>
    public required string Producer { get; init; }

    /// <summary>The event's ID; its source is the entity's.</summary>
    public required string EventId { get; init; }

    /// <summary>The event's type.</summary>
    public required string Type { get; init; }

    /// <summary>The event's own time or, without one, when it was recorded.</summary>
    public required string Time { get; init; }

    /// <summary>When the event was recorded.</summary>
    public required string RecordedAt { get; init; }

    /// <summary>The newest run that completed with full data; null if there is none, or it was erased.</summary>
    public int? Run { get; init; }

    /// <summary>Whether the full data of <see cref="Run"/> is the event's own, which its record holds.</summary>
    public bool OwnData { get; init; }

    /// <summary>Whether the event's content was erased.</summary>
    public bool Erased { get; init; }

    /// <summary>Whether the event says that the entity was deleted.</summary>
    public bool Deletion { get; init; }

    /// <summary>The entity.</summary>
    [JsonIgnore]
    public EntityKey Entity => new(Source, Subject);

    /// <summary>The event.</summary>
    [JsonIgnore]
    public EventKey Key => new(Source, EventId);

    /// <summary>When the event happened.</summary>
    [JsonIgnore]
    public DateTimeOffset HappenedAt => DateTimeOffset.ParseExact(Time, UtcMilliseconds.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>The document's ID. In an entity's partition, IDs are in the order of recording.</summary>
    [JsonIgnore]
    internal string Id
    {
        get
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(EventId), hash);
            return $"{RecordedAt.Replace(":", "", StringComparison.Ordinal)}-{Base64Url.EncodeToString(hash[..HashBytes])}";
        }
    }

    /// <summary>Creates the link of an event.</summary>
    /// <param name="record">The event, which has an entity.</param>
    /// <param name="run">See <see cref="Run"/>.</param>
    internal static EntityLink Of(EventRecord record, int? run) => new()
    {
        Source = record.Entity!.Value.Source,
        Subject = record.Entity.Value.Subject,
        Producer = record.Producer,
        EventId = record.Event.Id,
        Type = record.Event.Type,
        Time = UtcMilliseconds.Text(record.OccurredAt),
        RecordedAt = UtcMilliseconds.Text(record.RecordedAt),
        Run = record.Erased ? null : run,
        OwnData = record is { OwnData: true, Erased: false } && run == 0,
        Erased = record.Erased,
        Deletion = record.Deletion,
    };

    /// <summary>Reads a link.</summary>
    /// <exception cref="JsonException">The document is not a link.</exception>
    internal static EntityLink Read(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Context.EntityLink) ?? throw new JsonException("A link is null.");

    /// <summary>Writes the document.</summary>
    internal Document ToDocument(TimeSpan? timeToLive) =>
        new(Entity.Id, Id, JsonSerializer.SerializeToUtf8Bytes(this, Context.EntityLink)) { TimeToLive = timeToLive };

    /// <summary>Returns whether this event happened after another: by time, then by when it was recorded, then by ID.</summary>
    internal bool IsAfter(EntityLink other) =>
        (string.CompareOrdinal(Time, other.Time), string.CompareOrdinal(Id, other.Id)) is ( > 0, _) or (0, > 0);
}

/// <summary>The contract of a link, generated at compile time.</summary>
[JsonSerializable(typeof(EntityLink))]
internal sealed partial class LinkContext : JsonSerializerContext;
