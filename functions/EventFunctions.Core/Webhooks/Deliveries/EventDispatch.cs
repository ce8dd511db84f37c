using System.Collections.Concurrent;
using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Runtime;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Records a delivery for each webhook that matches an event, and sends it: at once if few webhooks match and they may be asked for an
/// answer here, or if the instance keeps running without a function; else through the queue. Events may repeat, also on other instances:
/// existing deliveries stay unchanged.
/// </summary>
public sealed class EventDispatch(
    WebhookRegistry webhooks, DeliveryStore deliveries, EventDelivery delivery, IOptions<EnrichmentOptions> enrichment, IOptions<DeliveryOptions> options)
    : IEventDispatch, IAsyncDisposable
{
    /// <summary>The most deliveries of an event that are sent at once. With more, all go through the queue.</summary>
    public const int MaxSentAtOnce = 4;

    // Waiting is billed, and all answers have to come before Event Grid gives up on the function.
    private static readonly TimeSpan MaxTimeoutAtOnce = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Task, bool> _beside = [];
    private int _besideCount;

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
        var beside = attempts is not null && options.Value.MaxSentBeside > 0;
        var sendNow = attempts is not null && wanted.Count <= MaxSentAtOnce;
        var parallel = BackgroundTask.InParallel(options.Value.MaxConcurrentWrites, cancellationToken);
        var body = new Lazy<DeliveryPayload>(payload);
        await Parallel.ForEachAsync(wanted, parallel, async (webhook, token) =>
        {
            if (beside && TryBegin())
            {
                await SendBesideAsync(webhook, one, body, token);
            }
            else if (beside || !sendNow || webhook.Timeout > MaxTimeoutAtOnce)
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

    /// <summary>Waits for the attempts in progress.</summary>
    public async ValueTask DisposeAsync()
    {
        while (!_beside.IsEmpty)
        {
            await Task.WhenAny(Task.WhenAll(_beside.Keys));
            await Task.Yield();
        }
    }

    private async Task SendBesideAsync(Webhook webhook, DispatchedEvent one, Lazy<DeliveryPayload> body, CancellationToken cancellationToken)
    {
        var sending = Task.CompletedTask;
        try
        {
            if (await deliveries.RecordAsync(webhook, one, job: null, cancellationToken) is var (recorded, etag))
            {
                sending = delivery.SendAsync(webhook, recorded, etag, body.Value);
                _beside[sending] = true;
            }
        }
        finally
        {
            _ = EndAsync(sending);
        }
    }

    private bool TryBegin()
    {
        if (Interlocked.Increment(ref _besideCount) <= options.Value.MaxSentBeside)
        {
            return true;
        }

        Interlocked.Decrement(ref _besideCount);
        return false;
    }

    private async Task EndAsync(Task sending)
    {
        await Task.WhenAny(sending);
        Interlocked.Decrement(ref _besideCount);
        _beside.TryRemove(sending, out _);
    }
}
