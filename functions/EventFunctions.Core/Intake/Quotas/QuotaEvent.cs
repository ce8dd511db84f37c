using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Intake.Quotas;

/// <summary>The service's own event about a producer that exceeds its quota.</summary>
internal static class QuotaEvent
{
    /// <summary>The <c>type</c> of the event.</summary>
    public const string ExceededType = ReservedNames.OwnTypePrefix + "quota.exceeded";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Encodes the event of one minute; every instance encodes the same one.</summary>
    /// <param name="producer">The producer, which is the event's subject.</param>
    /// <param name="eventsPerMinute">Its quota.</param>
    /// <param name="minute">The beginning of the minute.</param>
    public static ReadOnlyMemory<byte> Encode(Producer producer, int eventsPerMinute, DateTimeOffset minute)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return EventEncoder.Encode(
            new EventNotification
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"quota-{producer.Name}-{minute.ToUnixTimeMilliseconds()}"),
                Source = ReservedNames.OwnSource,
                Type = ExceededType,
                Subject = producer.Name,
                Time = UtcMilliseconds.Text(minute),
                DataContentType = "application/json",
                Data = new EventContent(ContentKind.Json, DataOf(producer, eventsPerMinute)),
            },
            run: 0);
    }

    private static ReadOnlyMemory<byte> DataOf(Producer producer, int eventsPerMinute)
    {
        var data = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(data, Relaxed);
        writer.WriteStartObject();
        writer.WriteString("producer"u8, producer.Name);
        writer.WriteString("source"u8, producer.Source);
        writer.WriteNumber("eventsPerMinute"u8, eventsPerMinute);
        writer.WriteEndObject();
        writer.Flush();
        return data.WrittenMemory;
    }
}
