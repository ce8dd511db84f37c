using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EventFunctions.Producers.Keys;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Producers.Registry;

/// <summary>
/// The registry's documents. Definitions are kept as text: Cosmos DB's numbers are doubles. Each name has one document that
/// holds its definition and its last change, so that both are written at once; earlier changes have documents beside it.
/// </summary>
internal static class RegistryJson
{
    public const string ProducerKind = "producer";
    public const string HistoryKind = "history";

    /// <summary>The kind of the document that has a producer's keys, and its ID.</summary>
    public const string KeysKind = "keys";

    /// <summary>The ID of the document that a name has once.</summary>
    public const string ProducerId = "producer";

    private const string DeletedKind = "deleted";

    private static readonly RegistryContext Context = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter<ProducerChangeKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    });

    /// <summary>How the documents' fields are written.</summary>
    public static JsonTypeInfo<ProducerDocument> Contract => Context.ProducerDocument;

    /// <summary>
    /// Writes a producer's document. A deleted producer keeps one, so that its versions continue and its history is not lost.
    /// </summary>
    public static Document Write(RegisteredProducer producer) => new(
        producer.Name,
        ProducerId,
        Serialize(Fields(producer.Definition is null ? DeletedKind : ProducerKind, producer.LastChange) with
        {
            Definition = producer.Definition,
            Source = producer.Source,
            Since = producer.Since,
        }));

    /// <summary>Reads <see cref="Write(RegisteredProducer)"/>.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static RegisteredProducer ReadProducer(StoredDocument document)
    {
        var fields = Deserialize(document);
        return new RegisteredProducer
        {
            Name = document.Partition,
            Definition = fields.Definition,
            Source = fields.Source,
            Since = fields.Since ?? 0,
            LastChange = Change(fields),
        };
    }

    /// <summary>The document of a change that is not the last one. Its IDs sort as versions do.</summary>
    public static Document Write(string name, ProducerChange change) =>
        new(name, string.Create(CultureInfo.InvariantCulture, $"history-{change.Version:d10}"), Serialize(Fields(HistoryKind, change)));

    /// <summary>Reads <see cref="Write(string, ProducerChange)"/>.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static ProducerChange ReadChange(StoredDocument document) => Change(Deserialize(document));

    /// <summary>
    /// Writes the document of a producer's keys. It is separate from the definition, so that producers in the settings can also have keys.
    /// </summary>
    public static Document Write(ProducerKeys keys) =>
        new(keys.Producer, KeysKind, Serialize(new ProducerDocument { Kind = KeysKind, Since = keys.Since, Keys = keys.All }));

    /// <summary>Reads <see cref="Write(ProducerKeys)"/>.</summary>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static ProducerKeys ReadKeys(StoredDocument document) =>
        Deserialize(document) is { Keys: { IsDefault: false } keys, Since: { } since }
            ? new ProducerKeys(document.Partition, since, keys)
            : throw new JsonException("A document of keys contains no keys.");

    /// <summary>What a query for documents of one kind asks.</summary>
    public static ImmutableSortedDictionary<string, string> OfKind(string kind) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("kind", kind);

    private static ProducerDocument Fields(string kind, ProducerChange change) => new()
    {
        Kind = kind,
        Version = change.Version,
        Change = change.Change,
        At = UtcMilliseconds.Text(change.At),
        By = change.By,
        Before = change.Before,
    };

    private static ProducerChange Change(ProducerDocument fields) => new(
        fields.Version,
        fields.Change,
        DateTimeOffset.TryParse(fields.At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : throw new JsonException("A producer's document has no time."),
        fields.By ?? throw new JsonException("A producer's document has no changedBy."),
        fields.Before);

    private static byte[] Serialize(ProducerDocument document) => JsonSerializer.SerializeToUtf8Bytes(document, Contract);

    private static ProducerDocument Deserialize(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Contract) ?? throw new JsonException("A producer's document is null.");
}

/// <summary>The fields of the registry's documents.</summary>
internal sealed record ProducerDocument
{
    public string? Kind { get; init; }

    public string? Source { get; init; }

    public string? Definition { get; init; }

    public int Version { get; init; }

    public ProducerChangeKind Change { get; init; }

    public string? At { get; init; }

    public string? By { get; init; }

    public string? Before { get; init; }

    public int? Since { get; init; }

    public ImmutableArray<ProducerKey>? Keys { get; init; }

    /// <summary>Of a claim: the name of the producer that may have the source.</summary>
    public string? Producer { get; init; }
}

/// <summary>The contract of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(ProducerDocument))]
internal sealed partial class RegistryContext : JsonSerializerContext;
