using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Requeues due deliveries that have no message, because their sender died or the message was dropped.</summary>
internal sealed class DeliveryRequeue(
    IDocumentStore documents,
    DeliveryStore deliveries,
    WebhookEndpoints endpoints,
    TimeProvider time,
    IOptions<DeliveryOptions> options,
    ILogger<DeliveryRequeue> logger,
    EventMetrics metrics)
{
    private const int PageSize = 500;

    // One would do, if every document could be read.
    private const int OldestLost = 10;

    /// <summary>Requeues due deliveries, longest due first, and publishes pending notices about endpoints.</summary>
    /// <param name="cancellationToken">Ends the tick.</param>
    /// <returns>How many deliveries were queued again.</returns>
    /// <exception cref="StoreUnavailableException">The store could not be read or written.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await endpoints.PublishDueAsync(cancellationToken);
        var queued = await QueueAsync(cancellationToken);
        metrics.WebhooksFound(await LongestLostAsync(cancellationToken));
        if (queued > 0)
        {
            logger.LogInformation("Requeued {Count} deliveries.", queued);
        }

        return queued;
    }

    private async Task<int> QueueAsync(CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + options.Value.TickBudget;
        var query = new DocumentQuery(DocumentContainer.Deliveries) { OrderBy = "dueAt", To = UtcMilliseconds.Text(time.GetUtcNow().AddMilliseconds(1)), Limit = PageSize, InTurns = true };
        var parallel = BackgroundTask.InParallel(options.Value.MaxConcurrentWrites, cancellationToken);
        var queued = 0;
        do
        {
            var page = await documents.QueryAsync(query, cancellationToken);
            await Parallel.ForEachAsync(page.Items, parallel, async (found, token) =>
            {
                if (deliveries.TryRead(found) is { } due && await QueueAsync(due, found.ETag, token))
                {
                    Interlocked.Increment(ref queued);
                }
            });
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && time.GetUtcNow() < end);

        return queued;
    }

    // Also of what was queued again before, and has not come yet.
    private async Task<TimeSpan> LongestLostAsync(CancellationToken cancellationToken)
    {
        var page = await documents.QueryAsync(new DocumentQuery(DocumentContainer.Deliveries) { OrderBy = "lostSince", Limit = OldestLost, InTurns = true }, cancellationToken);
        return page.Items.Select(deliveries.TryRead).FirstOrDefault(found => found is not null) is { LostSince: { } since } ? time.GetUtcNow() - since : TimeSpan.Zero;
    }

    private async Task<bool> QueueAsync(Delivery due, string etag, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var delivery = await deliveries.ChangeAsync(
            due, etag, current => current.DueAt <= now ? deliveries.Requeued(current) : null, cancellationToken);
        if (delivery is null)
        {
            return false;
        }

        await deliveries.SendAsync(delivery, cancellationToken);
        return true;
    }
}
