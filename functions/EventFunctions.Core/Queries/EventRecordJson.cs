using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Queries;

/// <summary>
/// Writes records as the API shows them: CloudEvents' attributes under their own names, extension attributes in an object of
/// their own (one of them may be called <c>status</c>), and what the service knows in camelCase.
/// </summary>
public static class EventRecordJson
{
    /// <summary>Writes one record as a JSON object.</summary>
    /// <param name="writer">Writes with a relaxed encoder, so that text stays readable.</param>
    /// <param name="record">The record.</param>
    /// <param name="withData">Whether to show the event's data.</param>
    public static void Write(Utf8JsonWriter writer, EventRecord record, bool withData = true)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(record);
        writer.WriteStartObject();
        WriteEvent(writer, record.Event, withData);
        writer.WriteString("producer"u8, record.Producer);
        writer.WriteString("status"u8, EventStatusName.Of(record.Status));
        writer.WriteNumber("run"u8, record.Run);
        CloudEventJson.WriteOptional(writer, "reason"u8, record.Reason);
        CloudEventJson.WriteIfTrue(writer, "dismissed"u8, record.Dismissed);
        CloudEventJson.WriteIfTrue(writer, "erased"u8, record.Erased);
        CloudEventJson.WriteIfTrue(writer, "deletion"u8, record.Deletion);
        writer.WriteString("recordedAt"u8, UtcMilliseconds.Text(record.RecordedAt));
        writer.WriteStartArray("timeline"u8);
        foreach (var entry in record.Timeline)
        {
            WriteEntry(writer, entry);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter writer, EventNotification notification, bool withData)
    {
        CloudEventJson.WriteAttributes(writer, notification);
        if (notification.Extensions.Count > 0)
        {
            writer.WriteStartObject("extensions"u8);
            CloudEventJson.WriteExtensions(writer, notification);
            writer.WriteEndObject();
        }

        if (withData)
        {
            CloudEventJson.WriteData(writer, notification.Data);
        }
    }

    private static void WriteEntry(Utf8JsonWriter writer, TimelineEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("at"u8, UtcMilliseconds.Text(entry.At));
        writer.WriteString("what"u8, entry.What);
        writer.WriteNumber("run"u8, entry.Run);
        CloudEventJson.WriteOptional(writer, "detail"u8, entry.Detail);
        CloudEventJson.WriteOptional(writer, "attempt"u8, entry.Attempt);
        CloudEventJson.WriteOptional(writer, "traceId"u8, entry.TraceId);
        CloudEventJson.WriteOptional(writer, "count"u8, entry.Count);
        writer.WriteEndObject();
    }
}
