using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records.Documents;

/// <summary>Times as <see cref="UtcMilliseconds"/>, written without a text in between.</summary>
internal sealed class UtcMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => Write(writer, value);

    public static void Write(Utf8JsonWriter writer, DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[UtcMilliseconds.Length];
        UtcMilliseconds.Write(value, text);
        writer.WriteStringValue(text);
    }
}

/// <summary>Extension attributes with the JSON type that they came with.</summary>
internal sealed class ExtensionValueConverter : JsonConverter<ExtensionValue>
{
    public override ExtensionValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => new(ExtensionType.Boolean, "true"),
        JsonTokenType.False => new(ExtensionType.Boolean, "false"),
        JsonTokenType.Number => new(ExtensionType.Integer, Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)),
        JsonTokenType.String => new(ExtensionType.Text, reader.GetString()!),
        _ => throw new JsonException($"An extension attribute must not be {reader.TokenType}."),
    };

    public override void Write(Utf8JsonWriter writer, ExtensionValue value, JsonSerializerOptions options) => Write(writer, value);

    public static void Write(Utf8JsonWriter writer, ExtensionValue value)
    {
        if (value.Type == ExtensionType.Text)
        {
            writer.WriteStringValue(value.Value);
        }
        else
        {
            // The canonical forms of Integer and Boolean are JSON already.
            writer.WriteRawValue(value.Value);
        }
    }
}
