using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Azure.Messaging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Reads delivered events, in CloudEvents 1.0 (JSON Event Format) or in the Event Grid schema, which is mapped as Event
/// Grid itself maps it. Data keeps its text, digit for digit.
/// </summary>
internal static class CloudEventReader
{
    /// <summary>Reads one event.</summary>
    /// <param name="json">The event.</param>
    /// <exception cref="FormatException">It is no event of either schema.</exception>
    public static CloudEvent Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("An event must be a JSON object.");
        }

        try
        {
            return json.TryGetProperty("specversion"u8, out _) ? ReadCloudEvent(json) : ReadEventGridEvent(json);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // An attribute that CloudEvents does not know, or text that is no Unicode.
            throw new FormatException(e.Message, e);
        }
    }

    private static CloudEvent ReadCloudEvent(JsonElement json)
    {
        var contentType = Optional(json, "datacontenttype");
        var (data, format) = Data(json, contentType);
        var read = new CloudEvent(Required(json, "source"), Required(json, "type"), data, contentType, format);
        read.Id = Required(json, "id");
        read.Subject = Optional(json, "subject");
        read.DataSchema = Optional(json, "dataschema");
        read.Time = Time(json, "time");
        foreach (var property in json.EnumerateObject())
        {
            if (!IsDefined(property.Name) && Extension(property.Value) is { } value)
            {
                read.ExtensionAttributes.Add(property.Name, value);
            }
        }

        return read;
    }

    private static CloudEvent ReadEventGridEvent(JsonElement json)
    {
        var data = json.TryGetProperty("data"u8, out var present) && present.ValueKind != JsonValueKind.Null ? Raw(present) : null;
        var source = Optional(json, "topic") ?? Required(json, "subject");
        var read = new CloudEvent(source, Required(json, "eventType"), data, data is null ? null : "application/json", CloudEventDataFormat.Json);
        read.Id = Required(json, "id");
        read.Subject = Optional(json, "subject");
        read.Time = Time(json, "eventTime");
        read.DataSchema = Optional(json, "dataVersion") is { Length: > 0 } version ? "#" + version : null;
        return read;
    }

    private static (BinaryData? Bytes, CloudEventDataFormat Format) Data(JsonElement json, string? contentType)
    {
        if (json.TryGetProperty("data_base64"u8, out var base64) && base64.ValueKind == JsonValueKind.String)
        {
            return (BinaryData.FromBytes(base64.GetBytesFromBase64(), contentType), CloudEventDataFormat.Binary);
        }

        return (json.TryGetProperty("data"u8, out var data) ? Raw(data) : null, CloudEventDataFormat.Json);
    }

    // A copy, because the document's memory goes back to its pool.
    private static BinaryData Raw(JsonElement json) => BinaryData.FromBytes(JsonMarshal.GetRawUtf8Value(json).ToArray());

    private static object? Extension(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.TryGetInt32(out var number) => number,
        JsonValueKind.Null => null,
        _ => throw new FormatException("An extension attribute must be a string, a boolean or an integer."),
    };

    private static DateTimeOffset? Time(JsonElement json, string name) => Optional(json, name) switch
    {
        null => null,
        var text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => throw new FormatException($"{name} is not a time."),
    };

    private static string Required(JsonElement json, string name) =>
        Optional(json, name) is { Length: > 0 } value ? value : throw new FormatException($"{name} is missing.");

    private static string? Optional(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new FormatException($"{name} is not a string.");
    }

    private static bool IsDefined(string name) =>
        name is "specversion" or "id" or "source" or "type" or "subject" or "time" or "datacontenttype" or "dataschema" or "data" or "data_base64";
}
