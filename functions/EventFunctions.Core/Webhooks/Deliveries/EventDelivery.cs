using System.Diagnostics;
using System.Globalization;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Processes one message: makes the attempt that is due, and records its outcome and the time of the next one. After a crash the message is
/// delivered again or requeued when due, and the endpoint receives the same <c>webhook-id</c>.
/// </summary>
public sealed class EventDelivery(
    WebhookRegistry webhooks,
    WebhookEndpoints endpoints,
    DeliveryStore deliveries,
    DeliveryPayloads payloads,
    IWebhookClient client,
    TimeProvider time,
    ILogger<EventDelivery> logger,
    EventMetrics metrics)
{
    /// <summary>The queue that the messages are in.</summary>
    public const string Queue = DeliveryMessage.Queue;

    private const int TooManyRequests = 429;
    private const int Gone = 410;
    private const int Unavailable = 503;

    // Clocks differ, and a queue may count in whole seconds.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    // What was written by another instance may not be there to read yet. Looks are counted because clocks differ.
    private const int MaxLooks = 3;
    private const int MoreEachLook = 4;
    private static readonly TimeSpan ReadAgainIn = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan RecordBudget = TimeSpan.FromSeconds(10);

    /// <summary>Takes a message. When it completes, the message is done with.</summary>
    /// <param name="text">The message.</param>
    /// <param name="cancellationToken">Ends the attempt; the message has to come again.</param>
    /// <exception cref="StoreUnavailableException">The message has to come again.</exception>
    public async Task DeliverAsync(string text, CancellationToken cancellationToken)
    {
        if (DeliveryMessage.Read(text) is not { } message)
        {
            logger.LogError("Dropping a message in the queue {Queue}: it does not name a delivery.", DeliveryMessage.Queue);
            return;
        }

        var webhook = await webhooks.FindEnabledAsync(message.Webhook, cancellationToken);
        if (webhook is not { Enabled: true })
        {
            await EndAsync(message, webhook is null, cancellationToken);
            return;
        }

        // What is settled must not cost the endpoint a slot, a place in its rate, or the attempt that finds out if it is back.
        if (await FindDueAsync(message, webhook, cancellationToken) is not var (delivery, etag))
        {
            return;
        }

        var endpoint = endpoints.Of(webhook.Name);
        using var permit = await endpoint.EnterAsync(webhook, cancellationToken);
        if (!permit.IsGranted)
        {
            await DeferAsync(message, delivery, etag, permit.RetryIn, cancellationToken);
            return;
        }

        await TryAsync(message, delivery, etag, webhook, endpoint, permit, cancellationToken);
    }

    /// <summary>
    /// Makes the first attempt of a delivery that was just recorded, or queues it if its endpoint may not be asked now. What breaks off is
    /// queued when it is due.
    /// </summary>
    internal async Task SendAsync(Webhook webhook, Delivery delivery, string etag, DeliveryPayload payload)
    {
        await Task.Yield();
        using var budget = new CancellationTokenSource(webhook.Timeout + RecordBudget, time);
        try
        {
            var endpoint = endpoints.Of(webhook.Name);
            using var permit = await endpoint.EnterAsync(webhook, budget.Token);
            if (permit.IsGranted)
            {
                await PostAsync(delivery, etag, payload, webhook, endpoint, permit, budget.Token);
            }
            else
            {
                await DeferAsync(DeliveryMessage.Of(delivery), delivery, etag, permit.RetryIn, budget.Token);
            }
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Could not send the delivery {Id}. It is queued again after {DueAt}.", delivery.Id, delivery.DueAt);
        }
    }

    // The delivery whose attempt is due; null where there is nothing more to do for the message.
    private async Task<(Delivery Delivery, string ETag)?> FindDueAsync(DeliveryMessage message, Webhook webhook, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await deliveries.ReadAsync(message.Webhook, message.Id, cancellationToken) is not var (delivery, etag))
        {
            if (message.DueAt > now.ToUnixTimeMilliseconds())
            {
                await deliveries.SendAsync(message, ReadAgainIn, cancellationToken);
            }

            return null;
        }

        if (delivery.IsOver)
        {
            return null;
        }

        if (delivery.WebhookRegisteredAt != webhook.RegisteredAt)
        {
            await SettleOtherAsync(message, delivery, etag, cancellationToken);
            return null;
        }

        return await IsEarlyAsync(message, delivery, cancellationToken) ? null : (delivery, etag);
    }

    private async Task<bool> IsEarlyAsync(DeliveryMessage message, Delivery delivery, CancellationToken cancellationToken)
    {
        if (!(delivery.NextAt - time.GetUtcNow() > Tolerance))
        {
            return false;
        }

        // Of two messages of one delivery the one that was replaced ends here.
        if (message.IsOf(delivery))
        {
            await deliveries.SendAsync(delivery, cancellationToken);
        }

        return true;
    }

    // Clocks differ: of two registrations of a name, the later one may have the earlier time. The store knows which one is left.
    private async Task SettleOtherAsync(DeliveryMessage message, Delivery delivery, string etag, CancellationToken cancellationToken)
    {
        var stored = (await webhooks.ReadAsync(message.Webhook, cancellationToken))?.Webhook.RegisteredAt;
        if (delivery.WebhookRegisteredAt == stored)
        {
            // What this instance knows of the name is deleted.
            await deliveries.SendAsync(message, ReadAgainIn, cancellationToken);
            return;
        }

        await AbandonAsync(message, delivery, etag, DeliveryReason.Deleted, cancellationToken);
    }

    // Abandons a delivery only if what is missing is still missing some looks later.
    private async Task AbandonAsync(DeliveryMessage message, Delivery delivery, string etag, string reason, CancellationToken cancellationToken)
    {
        if (delivery.Looks > 0 && await IsEarlyAsync(message, delivery, cancellationToken))
        {
            return;
        }

        var now = time.GetUtcNow();
        if (await deliveries.ChangeAsync(
            delivery,
            etag,
            current => current.IsOver ? null
                : current.Looks >= MaxLooks ? current.Over(DeliveryStatus.Abandoned, reason)
                : deliveries.WithNext(current with { Looks = current.Looks + 1 }, now + (ReadAgainIn * Math.Pow(MoreEachLook, current.Looks))),
            cancellationToken) is { IsOver: false } later)
        {
            await deliveries.SendAsync(later, cancellationToken);
        }
    }

    private async Task TryAsync(
        DeliveryMessage message, Delivery delivery, string etag, Webhook webhook, Endpoint endpoint, EndpointPermit permit, CancellationToken cancellationToken)
    {
        var payload = await payloads.BuildAsync(delivery, cancellationToken);
        if (payload.Missing == DeliveryReason.Expired)
        {
            await AbandonAsync(message, delivery, etag, DeliveryReason.Expired, cancellationToken);
        }
        else if (payload.Missing is { } missing)
        {
            await deliveries.ChangeAsync(delivery, etag, current => current.IsOver ? null : current.Over(DeliveryStatus.Abandoned, missing), cancellationToken);
        }
        else
        {
            await PostAsync(delivery, etag, payload, webhook, endpoint, permit, cancellationToken);
        }
    }

    private async Task PostAsync(
        Delivery delivery, string etag, DeliveryPayload payload, Webhook webhook, Endpoint endpoint, EndpointPermit permit, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        permit.Use();
        using var span = EventTracing.Deliver(delivery.Delivered, delivery.Type, payload.Subject, payload.TraceParent, webhook.Name);
        var answer = await client.SendAsync(
            WebhookRequest.To(webhook, delivery.Id, at, payload.Body, span?.Id ?? payload.TraceParent), cancellationToken);
        Measure(answer, span);

        // The endpoint has answered: what came of it is written down, though the host be about to stop.
        using var budget = new CancellationTokenSource(RecordBudget, time);
        var chance = RandomProvider.Current.NextDouble();
        var noted = await deliveries.ChangeAsync(delivery, etag, current => After(current, answer, at, webhook.Retry, chance), budget.Token);
        if (noted is { IsOver: false })
        {
            await deliveries.SendAsync(noted, budget.Token);
        }

        await RecordHealthAsync(webhook, endpoint, permit, answer, budget.Token);
    }

    private void Measure(EndpointResponse answer, Activity? span)
    {
        var result = answer.IsDelivered ? "delivered"
            : answer.Fault ?? answer.Status?.ToString(CultureInfo.InvariantCulture) ?? WebhookFault.Connection;
        metrics.WebhookAttempted(answer.Duration, result);
        if (!answer.IsDelivered)
        {
            EventTracing.Fail(span, result);
        }
    }

    // Success always wins; any other outcome changes nothing that was decided meanwhile.
    private Delivery? After(Delivery delivery, EndpointResponse answer, DateTimeOffset at, WebhookRetry retry, double chance)
    {
        if (delivery.Status == DeliveryStatus.Delivered || (delivery.IsOver && !answer.IsDelivered))
        {
            return null;
        }

        var now = time.GetUtcNow();
        var delay = answer.IsDelivered || answer.Status == Gone ? null : retry.DelayAfter(delivery.Tries + 1, answer.RetryAfter, chance);
        var tried = delivery.With(new DeliveryAttempt(at, (long)answer.Duration.TotalMilliseconds, answer.Status, answer.Fault, answer.Head, now + delay));
        return answer.IsDelivered ? tried.Over(DeliveryStatus.Delivered)
            : answer.Status == Gone ? tried.Over(DeliveryStatus.Failed, DeliveryReason.Gone)
            : delay is { } wait ? deliveries.WithNext(tried, now + wait)
            : tried.Over(DeliveryStatus.Failed, DeliveryReason.Exhausted);
    }

    // What is not noted here shows again with the next attempt: the message need not come again for it.
    private async Task RecordHealthAsync(Webhook webhook, Endpoint endpoint, EndpointPermit permit, EndpointResponse answer, CancellationToken cancellationToken)
    {
        try
        {
            if (answer.IsDelivered)
            {
                await endpoint.Circuit.SucceededAsync(webhook, cancellationToken);
                permit.Dispose();
                if (endpoint.SpareFor(webhook) is var spare and > 0 && !await deliveries.BringOnAsync(webhook.Name, spare, cancellationToken))
                {
                    endpoint.EndLine();
                }

                return;
            }

            var hold = answer.Status is TooManyRequests or Unavailable ? answer.RetryAfter : null;
            var notice = answer.Status == Gone
                ? await endpoint.Circuit.GoneAsync(webhook, cancellationToken)
                : await endpoint.Circuit.FailedAsync(webhook, permit.IsProbe, hold, cancellationToken);
            permit.Dispose();
            if (notice is not null)
            {
                await endpoints.PublishAsync(webhook.Name, notice, cancellationToken);
            }
        }
        catch (Exception e) when (e is StoreUnavailableException or ContentionException or OperationCanceledException)
        {
            logger.LogWarning(e, "Could not update endpoint health for {Webhook}.", webhook.Name);
        }
    }

    // No attempt: the message goes back, and the delivery is written only where it would else be taken for lost. A message
    // that was replaced ends here.
    private async Task DeferAsync(DeliveryMessage message, Delivery delivery, string etag, TimeSpan delay, CancellationToken cancellationToken)
    {
        if (!message.IsOf(delivery))
        {
            return;
        }

        var until = time.GetUtcNow() + delay;
        if (until >= delivery.DueAt || delivery.LostSince is not null)
        {
            if (await deliveries.ChangeAsync(
                delivery,
                etag,
                current => message.IsOf(current) ? deliveries.Defer(current, until) : null,
                cancellationToken) is not { } changed)
            {
                return;
            }

            message = DeliveryMessage.Of(changed);
        }

        await deliveries.SendAsync(message, delay, cancellationToken);
    }

    private async Task EndAsync(DeliveryMessage message, bool isDeleted, CancellationToken cancellationToken)
    {
        if (await deliveries.ReadAsync(message.Webhook, message.Id, cancellationToken) is not var (delivery, etag))
        {
            return;
        }

        if (isDeleted)
        {
            await AbandonAsync(message, delivery, etag, DeliveryReason.Deleted, cancellationToken);
            return;
        }

        await deliveries.ChangeAsync(
            delivery, etag, current => current.IsOver ? null : current.Over(DeliveryStatus.Failed, DeliveryReason.Disabled), cancellationToken);
    }
}
