using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>
/// Writes deliveries and the messages that name them: always the document first. A crash between the two leaves a delivery
/// without a message, which is queued again when it is due.
/// </summary>
public sealed class DeliveryStore(
    IDocumentStore documents, IMessageQueue queue, TimeProvider time, IOptions<DeliveryOptions> options, ILogger<DeliveryStore> logger)
{
    /// <summary>The most deliveries that are brought on at once.</summary>
    internal const int MaxBroughtOn = 200;

    private const int MaxDoublings = 5;
    private const int MaxPages = 5;
    private const int MaxConcurrency = 32;

    // What comes back so soon comes by itself.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly DeliveryOptions _options = options.Value;

    /// <summary>Writes down a new delivery, and queues it.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="event">What is delivered.</param>
    /// <param name="job">The job that wants it; null where the event's own coming does.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be there all the same.</param>
    /// <returns>Whether it was new.</returns>
    /// <exception cref="StoreUnavailableException">It may not be there.</exception>
    internal async Task<bool> CreateAsync(Webhook webhook, DispatchedEvent @event, string? job, CancellationToken cancellationToken)
    {
        if (await RecordAsync(webhook, @event, job, cancellationToken) is not var (delivery, _))
        {
            return false;
        }

        await SendAsync(delivery, cancellationToken);
        return true;
    }

    /// <summary>Records a new delivery without a message: if its attempt breaks off, it is queued when it is due.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="event">What is delivered.</param>
    /// <param name="job">The job that wants it; null where the event's own coming does.</param>
    /// <param name="cancellationToken">Ends the wait; the delivery may be there all the same.</param>
    /// <returns>The delivery and its ETag; null if it exists.</returns>
    /// <exception cref="StoreUnavailableException">It may not be there.</exception>
    internal async Task<(Delivery Delivery, string ETag)?> RecordAsync(Webhook webhook, DispatchedEvent @event, string? job, CancellationToken cancellationToken)
    {
        var now = UtcMilliseconds.Cut(time.GetUtcNow());
        var delivery = new Delivery
        {
            Webhook = webhook.Name,
            WebhookRegisteredAt = webhook.RegisteredAt,
            Id = Delivery.IdOf(webhook, @event.Key, @event.Run, @event.IsEnriched, @event.At),
            Source = @event.Key.Source,
            EventId = @event.Key.Id,
            Type = @event.Content.Type,
            Run = @event.Run,
            Enriched = @event.IsEnriched,
            Status = DeliveryStatus.Pending,
            CreatedAt = now,
            NextAt = now,
            DueAt = now + _options.QueueAgainAfter,
            Job = job,
        };
        return await documents.CreateAsync(DocumentContainer.Deliveries, Write(delivery), cancellationToken) is { } etag ? (delivery, etag) : null;
    }

    /// <summary>Returns a delivery; null if there is none.</summary>
    internal async Task<(Delivery Delivery, string ETag)?> ReadAsync(string webhook, string id, CancellationToken cancellationToken) =>
        await documents.ReadAsync(DocumentContainer.Deliveries, webhook, id, cancellationToken) is { } found
            ? (DeliveryDocuments.Read(found), found.ETag)
            : null;

    /// <summary>Returns a delivery that a query found; null if unreadable, which is logged while the query continues.</summary>
    internal Delivery? TryRead(StoredDocument found) => found.TryRead(DeliveryDocuments.Read, logger);

    /// <summary>Changes a delivery, on its newest state.</summary>
    /// <param name="delivery">As it was read.</param>
    /// <param name="etag">Its ETag.</param>
    /// <param name="change">The change; null leaves it as it is. It may be asked for again, on another state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The delivery as it was written; null where it is gone, or was left as it is.</returns>
    /// <exception cref="StoreUnavailableException">The change may not be made.</exception>
    /// <exception cref="ContentionException">Other writers were first every time.</exception>
    internal async Task<Delivery?> ChangeAsync(Delivery delivery, string etag, Func<Delivery, Delivery?> change, CancellationToken cancellationToken)
    {
        var changed = change(delivery);
        if (changed is null || await documents.ReplaceAsync(DocumentContainer.Deliveries, Write(changed), etag, cancellationToken) is not null)
        {
            return changed;
        }

        return await documents.ChangeAsync<Delivery?>(
            DocumentContainer.Deliveries,
            delivery.Webhook,
            delivery.Id,
            time,
            found => found is not null && change(DeliveryDocuments.Read(found)) is { } next ? new(next, Write(next)) : default,
            cancellationToken);
    }

    /// <summary>The delivery when its next attempt is to follow at a time, and its message has to be sent for that.</summary>
    internal Delivery WithNext(Delivery delivery, DateTimeOffset nextAt)
    {
        nextAt = UtcMilliseconds.Cut(nextAt);
        return delivery with { NextAt = nextAt, DueAt = nextAt + _options.QueueAgainAfter, Requeued = 0, LostSince = null };
    }

    /// <summary>The delivery when its message has come, and is to come again at a time.</summary>
    internal Delivery Defer(Delivery delivery, DateTimeOffset until) =>
        delivery with { DueAt = UtcMilliseconds.Cut(until + _options.QueueAgainAfter), Requeued = 0, LostSince = null };

    /// <summary>The delivery when its message was lost, and another is about to be sent.</summary>
    internal Delivery Requeued(Delivery delivery) => delivery with
    {
        Requeued = delivery.Requeued + 1,
        LostSince = delivery.LostSince ?? delivery.DueAt - _options.QueueAgainAfter,
        DueAt = UtcMilliseconds.Cut(time.GetUtcNow()) + (_options.QueueAgainAfter * Math.Pow(2, Math.Min(delivery.Requeued, MaxDoublings))),
    };

    /// <summary>Makes due deliveries that were deferred run at once, in their order.</summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="most">How many; at most <see cref="MaxBroughtOn"/>.</param>
    /// <param name="cancellationToken">Ends the work: the others come at their time.</param>
    /// <returns>Whether there may be more of them.</returns>
    /// <exception cref="StoreUnavailableException">Not all could be brought on.</exception>
    internal async Task<bool> BringOnAsync(string webhook, int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var parallel = BackgroundTask.InParallel(MaxConcurrency, cancellationToken);
        var query = new DocumentQuery(DocumentContainer.Deliveries)
        {
            Partition = webhook,
            OrderBy = "dueAt",
            From = UtcMilliseconds.Text(now + _options.QueueAgainAfter + Soon),
            Limit = MaxBroughtOn,
        };
        var left = most;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await documents.QueryAsync(query, cancellationToken);

            // What waits for its next attempt is in the same order, and waits on.
            var late = page.Items.Select(item => (Delivery: TryRead(item), item.ETag)).Where(one => one.Delivery?.NextAt <= now).Take(left).ToList();
            await Parallel.ForEachAsync(late, parallel, async (one, token) => await BringOnAsync(one.Delivery!, one.ETag, token));
            left -= late.Count;
            if (left == 0 || page.Continuation is null)
            {
                return left == 0;
            }

            query = query with { Continuation = page.Continuation };
        }

        return true;
    }

    /// <summary>Sends the message of a delivery, for when its next attempt is due. Where the queue cannot take it, it is queued again later.</summary>
    internal async Task SendAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(DeliveryMessage.Of(delivery), (delivery.NextAt ?? delivery.CreatedAt) - time.GetUtcNow(), cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "Could not queue the delivery {Id}. It is queued again after {DueAt}.", delivery.Id, delivery.DueAt);
        }
    }

    /// <summary>Sends a message back, to come again later.</summary>
    internal Task SendAsync(DeliveryMessage message, TimeSpan delay, CancellationToken cancellationToken) =>
        queue.SendAsync(DeliveryMessage.Queue, message.ToString(), delay > TimeSpan.Zero ? delay : TimeSpan.Zero, cancellationToken);

    // The message that comes at the later time is replaced, and ends there.
    private async Task BringOnAsync(Delivery delivery, string etag, CancellationToken cancellationToken)
    {
        var now = UtcMilliseconds.Cut(time.GetUtcNow());
        if (await ChangeAsync(
            delivery, etag, current => !current.IsOver && current.NextAt <= now ? current with { DueAt = now + _options.QueueAgainAfter } : null, cancellationToken) is { } changed)
        {
            await SendAsync(changed, cancellationToken);
        }
    }

    private Document Write(Delivery delivery) => DeliveryDocuments.Write(delivery, _options.TimeToLive);
}
