using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>A message of the queue, which names a delivery.</summary>
/// <param name="Webhook">The webhook's name.</param>
/// <param name="Id">The delivery's ID.</param>
/// <param name="DueAt">The delivery's <see cref="Delivery.DueAt"/> when the message was sent, in Unix milliseconds.</param>
internal sealed record DeliveryMessage(string Webhook, string Id, long DueAt)
{
    /// <summary>The queue.</summary>
    public const string Queue = "webhook-deliveries";

    /// <summary>The message of a delivery that is to be tried.</summary>
    public static DeliveryMessage Of(Delivery delivery) => new(delivery.Webhook, delivery.Id, delivery.DueAt!.Value.ToUnixTimeMilliseconds());

    /// <summary>Reads a message; returns null if it is malformed.</summary>
    public static DeliveryMessage? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, DeliveryMessageContext.Default.DeliveryMessage) is { Webhook.Length: > 0, Id.Length: > 0 } message ? message : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text that <see cref="Read"/> reads.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, DeliveryMessageContext.Default.DeliveryMessage);

    /// <summary>Whether this is the message that a delivery waits for, and not one that was replaced.</summary>
    public bool IsOf(Delivery delivery) => delivery.DueAt?.ToUnixTimeMilliseconds() == DueAt;
}

/// <summary>The contract of a message, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeliveryMessage))]
internal sealed partial class DeliveryMessageContext : JsonSerializerContext;
