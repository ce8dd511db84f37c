using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>Writes the parts of an event in CloudEvents' JSON format, for publishing and for the API.</summary>
internal static class CloudEventJson
{
    /// <summary>Writes the attributes with names of their own, in the specification's order; extensions and data apart.</summary>
    public static void WriteAttributes(Utf8JsonWriter writer, EventNotification notification)
    {
        writer.WriteString("id"u8, notification.Id);
        writer.WriteString("source"u8, notification.Source);
        writer.WriteString("type"u8, notification.Type);
        WriteOptional(writer, "subject"u8, notification.Subject);
        WriteOptional(writer, "time"u8, notification.Time);
        WriteOptional(writer, "datacontenttype"u8, notification.DataContentType);
        WriteOptional(writer, "dataschema"u8, notification.DataSchema);
        WriteOptional(writer, "dataref"u8, notification.DataRef);
        WriteOptional(writer, "traceparent"u8, notification.TraceParent);
        WriteOptional(writer, "tracestate"u8, notification.TraceState);
    }

    /// <summary>Writes the other extension attributes, each with the JSON type it came with.</summary>
    public static void WriteExtensions(Utf8JsonWriter writer, EventNotification notification)
    {
        foreach (var (name, value) in notification.Extensions)
        {
            if (value.Type == ExtensionType.Text)
            {
                writer.WriteString(name, value.Value);
            }
            else
            {
                // The canonical forms of Integer and Boolean are JSON already.
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Value, skipInputValidation: true);
            }
        }
    }

    /// <summary>Writes <c>data</c> or <c>data_base64</c>, the payload's bytes as they came; nothing for null.</summary>
    public static void WriteData(Utf8JsonWriter writer, EventContent? data)
    {
        switch (data?.Kind)
        {
            case ContentKind.Json:
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(data.Bytes.Span, skipInputValidation: true);
                break;
            case ContentKind.Text:
                writer.WriteString("data"u8, data.Bytes.Span);
                break;
            case ContentKind.Binary:
                writer.WriteBase64String("data_base64"u8, data.Bytes.Span);
                break;
            default:
                break;
        }
    }

    /// <summary>Writes a string property, unless it is null.</summary>
    public static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Writes a number property, unless it is null.</summary>
    public static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, int? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    /// <summary>Writes a property that is true; nothing for false.</summary>
    public static void WriteIfTrue(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, value);
        }
    }
}
