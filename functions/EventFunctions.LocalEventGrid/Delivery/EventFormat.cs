using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFunctions.Local.EventGrid;

/// <summary>Writes stored events as their subscription wants them. Payloads keep their bytes.</summary>
internal static class EventFormat
{
    private static readonly string[] Outcomes = ["deadLetterReason", "deliveryAttempts", "lastDeliveryOutcome", "publishTime", "lastDeliveryAttemptTime"];
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 256 };
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

        // An event that was a dead letter before has such members already.
        return Append(Render(subscription, delivery), [.. Outcomes.Select(Name)], "," + Encoding.UTF8.GetString(buffer.WrittenSpan[1..^1]));

        string Name(string name) => isCloudEvents ? name.ToLowerInvariant() : name;
    }

    /// <summary>Adds members to an event, in place of those that it has by the same names.</summary>
    /// <param name="json">The event, one JSON object.</param>
    /// <param name="replaced">The names that it may have already.</param>
    /// <param name="members">The members in JSON, with a comma before each.</param>
    public static byte[] Append(ReadOnlyMemory<byte> json, IReadOnlyList<string> replaced, string members)
    {
        var kept = Has(json, replaced) ? Rewrite(json, name => replaced.Contains(name) ? null : name, isEmptyKept: true) : json;
        return [.. kept.Span[..^1], .. Encoding.UTF8.GetBytes(members), (byte)'}'];
    }

    private static bool Has(ReadOnlyMemory<byte> json, IReadOnlyList<string> names)
    {
        var reader = new Utf8JsonReader(json.Span, ReaderOptions);
        reader.Read();
        while (names.Count > 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (names.Contains(reader.GetString()))
            {
                return true;
            }

            reader.Read();
            reader.Skip();
        }

        return false;
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
    private static ReadOnlyMemory<byte> ToCloudEvent(ReadOnlyMemory<byte> body) => Append(Rewrite(body, CloudEventName, isEmptyKept: false), [], ",\"specversion\":\"1.0\"");

    // Values keep their bytes. A member whose name becomes null is left out.
    private static ReadOnlyMemory<byte> Rewrite(ReadOnlyMemory<byte> body, Func<string, string?> rename, bool isEmptyKept)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length + 64);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            var reader = new Utf8JsonReader(body.Span, ReaderOptions);
            reader.Read();
            writer.WriteStartObject();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = rename(reader.GetString()!);
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                var isEmpty = reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(""));
                reader.Skip();
                if (name is not null && (isEmptyKept || name is "data" || !isEmpty))
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
