using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Runtime;

namespace EventFunctions.Webhooks;

/// <summary>Tries a webhook out: posts an event that means nothing, at once and only once, as any other event is posted.</summary>
/// <param name="client">Posts it.</param>
/// <param name="time">The clock.</param>
public sealed class WebhookTest(IWebhookClient client, TimeProvider time)
{
    /// <summary>The <c>type</c> of the event.</summary>
    public const string EventType = ReservedNames.OwnTypePrefix + "webhook.test";

    /// <summary>Posts the test event, also to a disabled webhook.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The message's ID, and what the endpoint answered.</returns>
    public async Task<(string Id, EndpointResponse Answer)> SendAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        var now = time.GetUtcNow();
        var eventId = "test-" + RandomProvider.Current.NewId();
        var id = "msg_" + eventId;
        var body = Encode(webhook, eventId, now);
        return (id, await client.SendAsync(WebhookRequest.To(webhook, id, now, body, traceParent: null), cancellationToken));
    }

    /// <summary>Encodes the event.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="id">The event's ID.</param>
    /// <param name="at">The event's time.</param>
    internal static ReadOnlyMemory<byte> Encode(Webhook webhook, string id, DateTimeOffset at) => EventEncoder.Encode(
        new EventNotification
        {
            Id = id,
            Source = ReservedNames.OwnSource,
            Type = EventType,
            Subject = webhook.Name,
            Time = UtcMilliseconds.Text(at),
            DataContentType = "application/json",
            Data = new EventContent(ContentKind.Json, JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["webhook"] = webhook.Name })),
        },
        run: 0);
}
