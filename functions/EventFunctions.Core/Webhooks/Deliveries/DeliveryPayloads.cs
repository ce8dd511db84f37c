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
            var record => DeliveryPayload.Of(record, delivery.Run),
        };

    private async Task<DeliveryPayload> EnrichedAsync(EventRecord record, int run, CancellationToken cancellationToken) =>
        await events.ReadDataAsync(record, run, cancellationToken) switch
        {
            null => DeliveryPayload.None(DeliveryReason.Expired),
            { Erased: true } => DeliveryPayload.None(DeliveryReason.Erased),
            var data => DeliveryPayload.Of(data, enrichment.Value),
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

    public static DeliveryPayload Of(EventRecord record, int run) =>
        new(EventEncoder.Encode(record.PublishedIn(run), run), record.Event.Subject, record.TraceParentOf(run), Missing: null);

    public static DeliveryPayload Of(FullData data, EnrichmentOptions options) =>
        new(EventEncoder.EncodeEnriched(data, options.DataCall(data.Key, data.Run)), data.Subject, data.TraceParent, Missing: null);
}
