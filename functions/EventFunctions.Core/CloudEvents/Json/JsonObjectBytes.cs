using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>Writes JSON, with escapes only where JSON requires them.</summary>
internal static class JsonObjectBytes
{
    private const int UsualBytes = 512;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns an object in UTF-8.</summary>
    /// <param name="writeMembers">Writes its members.</param>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> writeMembers) => WriteValue(writer =>
    {
        writer.WriteStartObject();
        writeMembers(writer);
        writer.WriteEndObject();
    });

    /// <summary>Returns a value in UTF-8.</summary>
    /// <param name="writeValue">Writes the value.</param>
    public static ReadOnlyMemory<byte> WriteValue(Action<Utf8JsonWriter> writeValue)
    {
        var buffer = new ArrayBufferWriter<byte>(UsualBytes);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            writeValue(writer);
        }

        return buffer.WrittenMemory;
    }
}
