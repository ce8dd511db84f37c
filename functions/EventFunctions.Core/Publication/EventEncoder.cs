using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Publication;

/// <summary>
/// Writes events as structured CloudEvents in JSON (CloudEvents 1.0, JSON Event Format), byte for byte the same for the
/// same event. Payloads are copied as they came.
/// </summary>
public static class EventEncoder
{
    // Two bytes for the brackets of the batch that a single event is published in.
    private const int MaxEventBytes = IEventPublisher.MaxBytes - 2;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>Whether an encoded event is small enough to be published.</summary>
    /// <param name="encoded">The event as encoded here.</param>
    public static bool Fits(ReadOnlyMemory<byte> encoded) => encoded.Length <= MaxEventBytes;

    /// <summary>Encodes a recorded event as it is published in its current run, each time the same.</summary>
    /// <param name="record">The record.</param>
    public static ReadOnlyMemory<byte> Encode(EventRecord record) => EncodeForTopic(record.PublishedIn(record.Run), record.Run);

    /// <summary>Encodes an event as it is published: also with <see cref="ReservedNames.KeyAttribute"/> if it needs one.</summary>
    /// <param name="notification">The event.</param>
    /// <param name="run">The run.</param>
    public static ReadOnlyMemory<byte> EncodeForTopic(EventNotification notification, int run)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return Encode(
            ExactKey.Of(notification.Key) is { } key
                ? notification with { Extensions = notification.Extensions.SetItem(ReservedNames.KeyAttribute, new ExtensionValue(ExtensionType.Text, key)) }
                : notification,
            run);
    }

    /// <summary>Encodes an event as its producer sent it.</summary>
    /// <param name="notification">The event.</param>
    /// <param name="run">The run; above 0 the event carries <see cref="ReservedNames.ReplayAttribute"/>.</param>
    public static ReadOnlyMemory<byte> Encode(EventNotification notification, int run)
    {
        ArgumentNullException.ThrowIfNull(notification);
        notification = Irregularities.Published(notification);
        var buffer = new ArrayBufferWriter<byte>(512 + (notification.Data?.Bytes.Length ?? 0));
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            CloudEventJson.WriteAttributes(writer, notification);
            CloudEventJson.WriteExtensions(writer, notification);
            WriteReplay(writer, run);
            CloudEventJson.WriteData(writer, notification.Data);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>
    /// Encodes the enriched event, from the frozen data item alone, so that a repeat is identical: same source, type with
    /// <see cref="ReservedNames.EnrichedTypeSuffix"/>, ID with <see cref="ReservedNames.EnrichedIdSuffix"/>, <c>causationid</c> (CloudEvents' Correlation
    /// extension) the original ID. Where it would not <see cref="Fits">fit</see>, it carries <c>dataref</c> instead of the data.
    /// </summary>
    /// <param name="data">The data item.</param>
    /// <param name="dataLocation">Where consumers can read the data from this service.</param>
    public static ReadOnlyMemory<byte> EncodeEnriched(FullData data, Uri dataLocation)
    {
        var whole = EncodeEnriched(data, dataRef: null);
        return Fits(whole) ? whole : EncodeEnriched(data, dataLocation.OriginalString);
    }

    /// <summary>Whether an enriched event carries its data, and not <c>dataref</c> instead.</summary>
    /// <param name="data">The data item.</param>
    public static bool IsWhole(FullData data) => Fits(EncodeEnriched(data, dataRef: null));

    private static ReadOnlyMemory<byte> EncodeEnriched(FullData data, string? dataRef)
    {
        var buffer = new ArrayBufferWriter<byte>(512 + (dataRef is null ? data.Content.Bytes.Length : 0));
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, EnrichedId(data.Key.Id, data.Run));
            writer.WriteString("source"u8, data.Key.Source);
            writer.WriteString("type"u8, data.Type + ReservedNames.EnrichedTypeSuffix);
            CloudEventJson.WriteOptional(writer, "subject"u8, data.Subject);
            writer.WriteString("time"u8, UtcMilliseconds.Text(data.FetchedAt));
            CloudEventJson.WriteOptional(writer, "datacontenttype"u8, data.ContentType);
            CloudEventJson.WriteOptional(writer, "dataref"u8, dataRef);
            CloudEventJson.WriteOptional(writer, "traceparent"u8, data.TraceParent);
            CloudEventJson.WriteOptional(writer, "tracestate"u8, data.TraceState);
            writer.WriteString(ReservedNames.CausationAttribute, data.Key.Id);
            WriteReplay(writer, data.Run);
            WritePrevious(writer, data.Previous);
            CloudEventJson.WriteData(writer, dataRef is null ? data.Content : null);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>The ID of an event's enriched event.</summary>
    /// <param name="id">The event's ID.</param>
    /// <param name="run">The event's run.</param>
    public static string EnrichedId(string id, int run) =>
        run == 0 ? id + ReservedNames.EnrichedIdSuffix : string.Create(CultureInfo.InvariantCulture, $"{id}{ReservedNames.EnrichedIdSuffix}:{run}");

    /// <summary>Finds out which event a published event is, or was made of.</summary>
    /// <param name="published">A CloudEvent, or an event in Event Grid's own schema.</param>
    /// <returns>Null if the service cannot have published it.</returns>
    public static EventKey? KeyOf(JsonElement published)
    {
        try
        {
            return ReadKey(published);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no event that was accepted has one.
            return null;
        }
    }

    private static EventKey? ReadKey(JsonElement published)
    {
        return Text("id") is { } id && (Text("source") ?? Text("topic")) is { } source && (Text("type") ?? Text("eventType")) is { } type
            ? PublishedIdentity.Of(id, source, type, replay: 0)?.Key
            : null;

        string? Text(string name) => published.ValueKind == JsonValueKind.Object && published.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
    }

    /// <summary>Finds out which event an enriched event was made of.</summary>
    /// <param name="enrichedId">An ID that may be one of <see cref="EncodeEnriched(FullData, Uri)"/>; no other event's ID holds <see cref="ReservedNames.EnrichedIdSuffix"/>.</param>
    /// <param name="id">The event's ID.</param>
    /// <param name="run">The event's run.</param>
    public static bool TryReadEnrichedId(string enrichedId, [NotNullWhen(true)] out string? id, out int run)
    {
        ArgumentNullException.ThrowIfNull(enrichedId);
        (id, run) = (null, 0);
        var suffix = enrichedId.LastIndexOf(ReservedNames.EnrichedIdSuffix, StringComparison.Ordinal);
        if (suffix < 1)
        {
            return false;
        }

        var rest = enrichedId.AsSpan(suffix + ReservedNames.EnrichedIdSuffix.Length);
        if (rest.Length > 0 && !(rest[0] == ':' && int.TryParse(rest[1..], NumberStyles.None, CultureInfo.InvariantCulture, out run)))
        {
            return false;
        }

        id = enrichedId[..suffix];
        return true;
    }

    private static void WritePrevious(Utf8JsonWriter writer, PreviousData? previous)
    {
        if (previous is not null)
        {
            writer.WriteString(ReservedNames.PreviousIdAttribute, previous.Id);
            writer.WriteString(ReservedNames.PreviousTimeAttribute, UtcMilliseconds.Text(previous.Time));
            if (previous.Changes is { } changes)
            {
                writer.WriteString(ReservedNames.ChangesAttribute, changes);
            }
        }
    }

    private static void WriteReplay(Utf8JsonWriter writer, int run)
    {
        if (run > 0)
        {
            writer.WriteNumber(ReservedNames.ReplayAttribute, run);
        }
    }
}
