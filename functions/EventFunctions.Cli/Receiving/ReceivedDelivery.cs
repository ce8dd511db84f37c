using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EventFunctions.Cli.Receiving;

/// <summary>A delivery as it was received.</summary>
/// <param name="Id">The webhook-id.</param>
/// <param name="Timestamp">The webhook-timestamp.</param>
/// <param name="Body">The body.</param>
internal sealed record ReceivedDelivery(string Id, string Timestamp, byte[] Body)
{
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 900 };

    /// <summary>Parses the body; null if it is not JSON.</summary>
    public JsonElement? Parse()
    {
        try
        {
            using var document = JsonDocument.Parse(Body, Reading);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the delivery for a program.</summary>
    /// <param name="repeated">Whether a delivery with this webhook-id was received before.</param>
    /// <param name="forwarded">The response of the developer's endpoint; null if the delivery was not forwarded.</param>
    public JsonElement ToJson(bool repeated, ForwardResult? forwarded)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("webhookId", Id);
            writer.WriteString("timestamp", Timestamp);
            writer.WriteBoolean("repeated", repeated);
            if (forwarded is { Failure: { } failure })
            {
                writer.WriteString("forwardFailure", failure);
            }
            else if (forwarded is not null)
            {
                writer.WriteNumber("forwardStatus", forwarded.Status);
            }

            if (Parse() is not null)
            {
                writer.WritePropertyName("event");
                writer.WriteRawValue(Body, skipInputValidation: true);
            }
            else
            {
                writer.WriteString("body", Encoding.UTF8.GetString(Body));
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(text.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1_000 });
        return document.RootElement.Clone();
    }
}
