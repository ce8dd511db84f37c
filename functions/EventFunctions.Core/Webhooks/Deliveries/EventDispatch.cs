using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Runtime;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Records a delivery for each webhook that matches an event, and sends it: at once if few webhooks match and they may be asked for an
/// answer here, else through the queue. Events may repeat, also on other instances: existing deliveries stay unchanged.
/// </summary>
public sealed class EventDispatch(
    WebhookRegistry webhooks, DeliveryStore deliveries, EventDelivery delivery, IOptions<EnrichmentOptions> enrichment, IOptions<DeliveryOptions> options) : IEventDispatch
{
    /// <summary>The most deliveries of an event that are sent at once. With more, all go through the queue.</summary>
    public const int MaxSentAtOnce = 4;

    // Waiting is billed, and all answers have to come before Event Grid gives up on the function.
    private static readonly TimeSpan MaxTimeoutAtOnce = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public Task DispatchAsync(EventRecord record, ICollection<Task>? attempts, CancellationToken cancellationToken) =>
        DispatchAsync(() => DispatchedEvent.Of(record), () => DeliveryPayload.Of(record, record.Run), attempts, cancellationToken);

    /// <inheritdoc/>
    public Task DispatchAsync(FullData data, ICollection<Task>? attempts, CancellationToken cancellationToken) => DispatchAsync(
        () => DispatchedEvent.Of(data, enrichment.Value.DataCall(data.Key, data.Run)), () => DeliveryPayload.Of(data, enrichment.Value), attempts, cancellationToken);

    private async Task DispatchAsync(
        Func<DispatchedEvent> describe, Func<DeliveryPayload> payload, ICollection<Task>? attempts, CancellationToken cancellationToken)
    {
        var all = await webhooks.AllAsync(cancellationToken);
        if (!all.Any(webhook => webhook.Enabled))
        {
            return;
        }

        var one = describe();
        var wanted = all.Where(one.IsFor).ToList();
        var sendNow = attempts is not null && wanted.Count <= MaxSentAtOnce;
        var parallel = BackgroundTask.InParallel(options.Value.MaxConcurrentWrites, cancellationToken);
        var body = new Lazy<DeliveryPayload>(payload);
        await Parallel.ForEachAsync(wanted, parallel, async (webhook, token) =>
        {
            if (!sendNow || webhook.Timeout > MaxTimeoutAtOnce)
            {
                await deliveries.CreateAsync(webhook, one, job: null, token);
            }
            else if (await deliveries.RecordAsync(webhook, one, job: null, token) is var (recorded, etag))
            {
                var sending = delivery.SendAsync(webhook, recorded, etag, body.Value);
                lock (attempts!)
                {
                    attempts.Add(sending);
                }
            }
        });
    }
}
