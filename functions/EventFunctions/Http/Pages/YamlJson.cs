using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using YamlDotNet.RepresentationModel;
using ScalarStyle = YamlDotNet.Core.ScalarStyle;

namespace EventFunctions.Http;

/// <summary>
/// Writes YAML as the equivalent JSON, by the part of YAML 1.2's core schema that the contract uses: quoted values are strings.
/// </summary>
internal static class YamlJson
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Converts a document.</summary>
    /// <param name="yaml">One YAML document in UTF-8.</param>
    public static byte[] Convert(byte[] yaml)
    {
        using var reader = new StreamReader(new MemoryStream(yaml));
        var stream = new YamlStream();
        stream.Load(reader);
        var json = new ArrayBufferWriter<byte>(yaml.Length);
        using (var writer = new Utf8JsonWriter(json, Relaxed))
        {
            Write(writer, stream.Documents.Single().RootNode);
        }

        return json.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                writer.WriteStartObject();
                foreach (var (key, value) in mapping)
                {
                    writer.WritePropertyName(((YamlScalarNode)key).Value!);
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode sequence:
                writer.WriteStartArray();
                foreach (var item in sequence)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain:
                WritePlain(writer, plain.Value);
                break;
            case YamlScalarNode text:
                writer.WriteStringValue(text.Value);
                break;
        }
    }

    private static void WritePlain(Utf8JsonWriter writer, string? text)
    {
        switch (text)
        {
            case null or "" or "~" or "null":
                writer.WriteNullValue();
                break;
            case "true" or "false":
                writer.WriteBooleanValue(text == "true");
                break;
            default:
                if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                {
                    writer.WriteNumberValue(number);
                }
                else
                {
                    writer.WriteStringValue(text);
                }

                break;
        }
    }
}
