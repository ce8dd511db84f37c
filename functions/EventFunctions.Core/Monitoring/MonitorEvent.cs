using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;

namespace EventFunctions.Monitoring;

/// <summary>The service's own events about producers.</summary>
internal static class MonitorEvent
{
    /// <summary>The <c>type</c> of the event that an expected event did not come.</summary>
    public const string MissingType = ReservedNames.OwnTypePrefix + "monitoring.missing";

    /// <summary>The <c>type</c> of the event that it comes again.</summary>
    public const string ResumedType = ReservedNames.OwnTypePrefix + "monitoring.resumed";

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Encodes a notice; the same notice always alike.</summary>
    /// <param name="expectation">What was expected.</param>
    /// <param name="subject">Of which entity; null for none.</param>
    /// <param name="notice">The notice.</param>
    public static ReadOnlyMemory<byte> Encode(Expectation expectation, string? subject, MonitorNotice notice)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        ArgumentNullException.ThrowIfNull(notice);
        return EventEncoder.Encode(
            new EventNotification
            {
                Id = notice.Id,
                Source = ReservedNames.OwnSource,
                Type = notice.Type,
                Subject = expectation.Producer,
                Time = notice.Time,
                DataContentType = "application/json",
                Data = new EventContent(ContentKind.Json, DataOf(expectation, subject, notice)),
            },
            run: 0);
    }

    private static ReadOnlyMemory<byte> DataOf(Expectation expectation, string? subject, MonitorNotice notice)
    {
        var data = new ArrayBufferWriter<byte>(512);
        using var writer = new Utf8JsonWriter(data, Relaxed);
        writer.WriteStartObject();
        writer.WriteString("producer"u8, expectation.Producer);
        writer.WriteString("source"u8, expectation.Source);
        writer.WriteString("type"u8, expectation.Type);
        CloudEventJson.WriteOptional(writer, "subject"u8, subject);
        writer.WriteString("expectEvery"u8, TimeSpan.FromTicks(notice.EveryTicks).ToString("c", CultureInfo.InvariantCulture));
        CloudEventJson.WriteOptional(writer, "lastRecordedAt"u8, notice.LastAt);
        writer.WriteString("expectedBy"u8, notice.ExpectedBy);
        CloudEventJson.WriteOptional(writer, "resumedAt"u8, notice.ResumedAt);
        writer.WriteEndObject();
        writer.Flush();
        return data.WrittenMemory;
    }
}
