using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Publication;

/// <summary>Creates events of the service's own.</summary>
internal static class OwnEvent
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Creates an event whose data is a JSON object.</summary>
    /// <param name="id">The event's ID.</param>
    /// <param name="type">One of the service's own types.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="time">The time, in the spelling of <see cref="UtcMilliseconds"/>.</param>
    /// <param name="writeMembers">Writes the members of the data.</param>
    public static EventNotification Create(string id, string type, string subject, string time, Action<Utf8JsonWriter> writeMembers)
    {
        var data = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(data, Relaxed))
        {
            writer.WriteStartObject();
            writeMembers(writer);
            writer.WriteEndObject();
        }

        return new EventNotification
        {
            Id = id,
            Source = ReservedNames.OwnSource,
            Type = type,
            Subject = subject,
            Time = time,
            DataContentType = "application/json",
            Data = new EventContent(ContentKind.Json, data.WrittenMemory),
        };
    }
}
