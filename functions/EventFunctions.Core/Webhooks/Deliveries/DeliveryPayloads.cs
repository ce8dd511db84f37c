using EventFunctions.Enrichment;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Builds payloads from the record or from the immutable data of the run: every attempt has the same bytes as the event on the topic.
/// </summary>
public sealed class DeliveryPayloads(IEventStore events, IOptions<EnrichmentOptions> enrichment)
{
    /// <summary>Builds the payload of a delivery.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    internal async Task<DeliveryPayload> BuildAsync(Delivery delivery, CancellationToken cancellationToken) =>
        await events.ReadAsync(delivery.Key, cancellationToken) switch
        {
            null => DeliveryPayload.None(DeliveryReason.Expired),

            // Also of enriched events: the record says so first, and the data goes only afterwards.
            { Erased: true } => DeliveryPayload.None(DeliveryReason.Erased),
            var record when delivery.Enriched => await EnrichedAsync(record, delivery.Run, cancellationToken),
            var record => new DeliveryPayload(EventEncoder.Encode(record.PublishedIn(delivery.Run), delivery.Run), record.Event.Subject, record.TraceParentOf(delivery.Run), Missing: null),
        };

    private async Task<DeliveryPayload> EnrichedAsync(EventRecord record, int run, CancellationToken cancellationToken) =>
        await events.ReadDataAsync(record, run, cancellationToken) switch
        {
            null => DeliveryPayload.None(DeliveryReason.Expired),
            { Erased: true } => DeliveryPayload.None(DeliveryReason.Erased),
            var data => new DeliveryPayload(EventEncoder.EncodeEnriched(data, enrichment.Value.DataCall(data.Key, data.Run)), data.Subject, data.TraceParent, Missing: null),
        };
}

/// <summary>The payload.</summary>
/// <param name="Body">A structured CloudEvent in JSON.</param>
/// <param name="Subject">The event's <c>subject</c>.</param>
/// <param name="TraceParent">The event's W3C <c>traceparent</c>.</param>
/// <param name="Missing">Why there is nothing, one of <see cref="DeliveryReason"/>; null where there is.</param>
internal sealed record DeliveryPayload(ReadOnlyMemory<byte> Body, string? Subject, string? TraceParent, string? Missing)
{
    public static DeliveryPayload None(string reason) => new(default, null, null, reason);
}
