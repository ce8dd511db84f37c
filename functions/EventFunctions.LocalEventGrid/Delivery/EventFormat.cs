using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFunctions.Local.EventGrid;

/// <summary>Writes stored events as their subscription wants them. Payloads keep their bytes.</summary>
internal static class EventFormat
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One event in the delivery schema.</summary>
    public static ReadOnlyMemory<byte> Render(Subscription subscription, TopicDelivery delivery) =>
        subscription.InputSchema == subscription.DeliverySchema ? delivery.Body : ToCloudEvent(delivery.Body);

    /// <summary>The body of a delivery, and its content type.</summary>
    public static (ReadOnlyMemory<byte> Body, string ContentType) RenderDelivery(Subscription subscription, IReadOnlyList<TopicDelivery> deliveries)
    {
        var isCloudEvents = subscription.DeliverySchema == EventSchema.CloudEvents;
        if (isCloudEvents && !subscription.IsBatched)
        {
            return (Render(subscription, deliveries[0]), "application/cloudevents+json; charset=utf-8");
        }

        var type = isCloudEvents ? "application/cloudevents-batch+json; charset=utf-8" : "application/json; charset=utf-8";
        return (RenderArray(deliveries.Select(d => Render(subscription, d))), type);
    }

    /// <summary>Writes a dead letter: the event and the outcome of its delivery, in the naming style of the delivery schema.</summary>
    public static ReadOnlyMemory<byte> RenderDeadLetter(Subscription subscription, TopicDelivery delivery)
    {
        var isCloudEvents = subscription.DeliverySchema == EventSchema.CloudEvents;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString(Name("deadLetterReason"), delivery.Reason);
            writer.WriteNumber(Name("deliveryAttempts"), delivery.Attempts);
            // Events can be given up without an attempt; the service says then that it held the endpoint back.
            writer.WriteString(Name("lastDeliveryOutcome"), delivery.Outcome ?? "Probation");
            writer.WriteString(Name("publishTime"), Time(delivery.PublishedAt));
            if (delivery.AttemptedAt is { } attempted)
            {
                writer.WriteString(Name("lastDeliveryAttemptTime"), Time(attempted));
            }

            writer.WriteEndObject();
        }

        ReadOnlySpan<byte> whole = Render(subscription, delivery).Span;
        return (byte[])[.. whole[..^1], (byte)',', .. buffer.WrittenSpan[1..]];

        string Name(string name) => isCloudEvents ? name.ToLowerInvariant() : name;
    }

    /// <summary>An array of JSON values.</summary>
    public static ReadOnlyMemory<byte> RenderArray(IEnumerable<ReadOnlyMemory<byte>> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var separator = (byte)'[';
        foreach (var value in values)
        {
            buffer.Write([separator]);
            buffer.Write(value.Span);
            separator = (byte)',';
        }

        buffer.Write([(byte)']']);
        return buffer.WrittenMemory;
    }

    // What is lost is the metadata version, which CloudEvents has no word for.
    private static ReadOnlyMemory<byte> ToCloudEvent(ReadOnlyMemory<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 256 });
            reader.Read();
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = CloudEventName(reader.GetString()!);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isEmpty = reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(""));
                reader.Skip();
                if (name is "data" || (name is not null && !isEmpty))
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(body.Span[start..(int)reader.BytesConsumed], skipInputValidation: true);
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static string? CloudEventName(string name) => name switch
    {
        "id" or "subject" or "data" => name,
        "topic" => "source",
        "eventType" => "type",
        "eventTime" => "time",
        "dataVersion" => "dataversion",
        _ => null,
    };

    /// <summary>Returns the spelling of a time in events.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
