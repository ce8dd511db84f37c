using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Writes deliveries as the API shows them.</summary>
public static class DeliveryJson
{
    /// <summary>Returns the name of a status, also used in documents.</summary>
    /// <param name="status">The status.</param>
    public static string NameOf(DeliveryStatus status) => DeliveryDocuments.NameOf(status);

    /// <summary>Writes a delivery as a JSON object.</summary>
    /// <param name="writer">Writes with a relaxed encoder, so that text stays readable.</param>
    /// <param name="delivery">The delivery.</param>
    public static void Write(Utf8JsonWriter writer, Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(delivery);
        writer.WriteStartObject();
        writer.WriteString("id"u8, delivery.Id);
        writer.WriteString("webhook"u8, delivery.Webhook);
        writer.WriteString("status"u8, NameOf(delivery.Status));
        CloudEventJson.WriteOptional(writer, "reason"u8, delivery.Reason);
        writer.WriteString("eventId"u8, delivery.EventId);
        writer.WriteString("source"u8, delivery.Source);
        writer.WriteString("type"u8, delivery.Type);
        writer.WriteNumber("run"u8, delivery.Run);
        writer.WriteBoolean("enriched"u8, delivery.Enriched);
        writer.WriteString("createdAt"u8, UtcMilliseconds.Text(delivery.CreatedAt));
        WriteTime(writer, "nextAt"u8, delivery.NextAt);
        CloudEventJson.WriteOptional(writer, "job"u8, delivery.Job);
        writer.WriteNumber("attempted"u8, delivery.Attempted);
        writer.WriteStartArray("attempts"u8);
        foreach (var attempt in delivery.Attempts)
        {
            Write(writer, attempt);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, DeliveryAttempt attempt)
    {
        writer.WriteStartObject();
        writer.WriteString("at"u8, UtcMilliseconds.Text(attempt.At));
        writer.WriteNumber("durationMs"u8, attempt.DurationMs);
        if (attempt.Status is { } status)
        {
            writer.WriteNumber("status"u8, status);
        }

        CloudEventJson.WriteOptional(writer, "fault"u8, attempt.Fault);
        CloudEventJson.WriteOptional(writer, "answer"u8, attempt.Head);
        WriteTime(writer, "nextAt"u8, attempt.NextAt);
        writer.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTimeOffset? time) =>
        CloudEventJson.WriteOptional(writer, name, time is { } at ? UtcMilliseconds.Text(at) : null);
}
