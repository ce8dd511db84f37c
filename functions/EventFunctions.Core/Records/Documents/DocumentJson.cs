using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records.Documents;

/// <summary>
/// Writes documents as JSON (RFC 8259), the same in every store: camelCase, without null members or false ones, times as RFC 3339 in UTC with
/// milliseconds, and with as few escapes as possible, because an item may have 2 MB of UTF-8.
/// </summary>
public static class DocumentJson
{
    private static readonly DocumentContext Context = new(CreateOptions());

    /// <summary>The serializer's options, with the contracts of <see cref="EventDocument"/> and <see cref="DataDocument"/>.</summary>
    public static JsonSerializerOptions Options => Context.Options;

    /// <summary>Writes a record as its document.</summary>
    /// <param name="record">The record.</param>
    /// <returns>JSON in UTF-8.</returns>
    public static byte[] Write(EventRecord record) =>
        EventDocumentWriter.Write(EventDocument.From(record));

    /// <summary>Writes a changed record as its document, with the payload as it is stored.</summary>
    /// <param name="changed">The record, read without its data.</param>
    /// <param name="stored">The document that it was read from.</param>
    /// <returns>JSON in UTF-8.</returns>
    public static byte[] Write(EventRecord changed, EventDocument stored)
    {
        ArgumentNullException.ThrowIfNull(changed);
        ArgumentNullException.ThrowIfNull(stored);
        var document = EventDocument.From(changed);
        return EventDocumentWriter.Write(
            changed.Erased ? document : document with { Data = stored.Data, DataKind = stored.DataKind, DataEncoding = stored.DataEncoding });
    }

    /// <summary>Writes full data as its document.</summary>
    /// <param name="data">The full data.</param>
    /// <returns>JSON in UTF-8.</returns>
    public static byte[] Write(FullData data) => JsonSerializer.SerializeToUtf8Bytes(DataDocument.From(data), Context.DataDocument);

    /// <summary>Reads a record from its document.</summary>
    /// <param name="utf8">JSON in UTF-8.</param>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static EventRecord ReadRecord(ReadOnlySpan<byte> utf8) => ReadDocument(utf8).ToRecord();

    /// <summary>Reads a record's document, with its payload as it is stored.</summary>
    /// <param name="utf8">JSON in UTF-8.</param>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static EventDocument ReadDocument(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, Context.EventDocument) ?? throw new JsonException("A record's document is null.");

    /// <summary>Reads full data from its document.</summary>
    /// <param name="utf8">JSON in UTF-8.</param>
    /// <exception cref="JsonException">It is no such document.</exception>
    public static FullData ReadData(ReadOnlySpan<byte> utf8) =>
        JsonSerializer.Deserialize(utf8, Context.DataDocument)?.ToData() ?? throw new JsonException("A data document is null.");

    private static JsonSerializerOptions CreateOptions() => new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters =
        {
            new UtcMillisecondsConverter(),
            new ExtensionValueConverter(),
            new JsonStringEnumConverter<EventStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<EventParts>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<ContentKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
            new JsonStringEnumConverter<StoredEncoding>(JsonNamingPolicy.CamelCase, allowIntegerValues: false),
        },
    };
}

/// <summary>The contracts of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(DataDocument))]
internal sealed partial class DocumentContext : JsonSerializerContext;
