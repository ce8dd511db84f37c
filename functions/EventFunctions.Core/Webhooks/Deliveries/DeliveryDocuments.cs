using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>The documents of deliveries.</summary>
internal static class DeliveryDocuments
{
    private static readonly DeliveryContext Context = new(new JsonSerializerOptions(DocumentJson.Options)
    {
        TypeInfoResolver = null,
        Converters = { new JsonStringEnumConverter<DeliveryStatus>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    });

    /// <summary>Writes a delivery's document, with a time to live if it has ended.</summary>
    public static Document Write(Delivery delivery, TimeSpan timeToLive) =>
        new(delivery.Webhook, delivery.Id, JsonSerializer.SerializeToUtf8Bytes(delivery, Context.Delivery))
        {
            TimeToLive = delivery.IsOver ? timeToLive : null,
        };

    public static Delivery Read(StoredDocument document) =>
        (JsonSerializer.Deserialize(document.Body.Span, Context.Delivery) ?? throw new JsonException("A delivery is null."))
            with
        { Webhook = document.Partition, Id = document.Id };

    /// <summary>The names of statuses, as documents and answers have them.</summary>
    public static string NameOf(DeliveryStatus status) => JsonNamingPolicy.CamelCase.ConvertName(status.ToString());
}

/// <summary>The contract of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(Delivery))]
internal sealed partial class DeliveryContext : JsonSerializerContext;
