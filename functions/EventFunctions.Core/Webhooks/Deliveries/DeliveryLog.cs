using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Lists deliveries by webhook and by event, and sends them again.</summary>
public sealed class DeliveryLog(
    IDocumentStore documents, DeliveryStore deliveries, WebhookRegistry webhooks, RepublishRate rate, TimeProvider time)
{
    /// <summary>The most deliveries that one call sends again.</summary>
    public const int MaxResent = 1_000;

    private const int PageSize = 200;
    private const int MaxConcurrency = 32;

    private static readonly TimeSpan ResendBudget = TimeSpan.FromSeconds(15);

    private static readonly ImmutableSortedDictionary<string, string> Nothing = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Returns a delivery; null if there is none.</summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="id">The delivery's ID.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<Delivery?> ReadAsync(string webhook, string id, CancellationToken cancellationToken) =>
        IsId(id) ? (await deliveries.ReadAsync(webhook, id, cancellationToken))?.Delivery : null;

    /// <summary>A webhook's deliveries, newest first.</summary>
    /// <param name="query">Which, and the page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    /// <exception cref="InvalidContinuationException">The continuation is not the store's.</exception>
    public async Task<DeliveryPage> ListAsync(DeliveryQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Deliveries)
            {
                Partition = query.Webhook,
                Equal = query.Status is { } status ? Nothing.Add("status", DeliveryDocuments.NameOf(status)) : Nothing,
                OrderBy = "createdAt",
                Descending = true,
                From = query.From is { } from ? UtcMilliseconds.Text(from) : null,
                To = query.To is { } to ? UtcMilliseconds.Text(to) : null,
                Limit = query.Limit,
                Continuation = query.Continuation,
            },
            cancellationToken);
        return new DeliveryPage([.. page.Items.Select(DeliveryDocuments.Read)], page.Continuation);
    }

    /// <summary>The deliveries of an event to all webhooks, newest first. A page may hold fewer than asked for, and still not be the last.</summary>
    /// <param name="key">The event.</param>
    /// <param name="limit">The most deliveries of the page.</param>
    /// <param name="continuation">The store's continuation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    /// <exception cref="InvalidContinuationException">The continuation is not the store's.</exception>
    public async Task<DeliveryPage> ListAsync(EventKey key, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Deliveries)
            {
                Equal = Nothing.Add("eventId", key.Id),
                OrderBy = "createdAt",
                Descending = true,
                Limit = limit,
                Continuation = continuation,
            },
            cancellationToken);
        return new DeliveryPage([.. page.Items.Select(DeliveryDocuments.Read).Where(delivery => delivery.Source == key.Source)], page.Continuation);
    }

    /// <summary>
    /// Sends a delivery again with a full set of attempts, in any status. One that waits for its next attempt is sent at once.
    /// </summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="id">The delivery's ID.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; it may be sent all the same.</exception>
    /// <exception cref="RepublishRateException">This instance already republishes as much as it may.</exception>
    public async Task<ResendOutcome> ResendAsync(string webhook, string id, CancellationToken cancellationToken)
    {
        if (!IsId(id) || await deliveries.ReadAsync(webhook, id, cancellationToken) is not var (delivery, etag))
        {
            return new ResendOutcome(ResendVerdict.NotFound, null);
        }

        if (await webhooks.FindAsync(webhook, cancellationToken) is not { Enabled: true })
        {
            return new ResendOutcome(ResendVerdict.Disabled, delivery);
        }

        await rate.WaitAsync(cancellationToken);
        var resent = await ResendAsync(delivery, etag, _ => true, cancellationToken);
        return resent is null ? new ResendOutcome(ResendVerdict.NotFound, null) : new ResendOutcome(ResendVerdict.Sent, resent);
    }

    /// <summary>
    /// Sends the failed deliveries since a time again, the oldest first, as many as one call can. A repeated call continues with the rest.
    /// </summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="since">Written down at this time or later.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <returns>How many were sent, and whether there may be more; null where the webhook is not registered, or disabled.</returns>
    /// <exception cref="StoreUnavailableException">Not everything could be sent.</exception>
    /// <exception cref="RepublishRateException">This instance already republishes as much as it may, so nothing could be sent.</exception>
    public async Task<(int Sent, bool More)?> ResendFailedAsync(string webhook, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (await webhooks.FindAsync(webhook, cancellationToken) is not { Enabled: true })
        {
            return null;
        }

        var end = time.GetUtcNow() + ResendBudget;
        var sent = 0;
        var query = new DocumentQuery(DocumentContainer.Deliveries)
        {
            Partition = webhook,
            Equal = Nothing.Add("status", DeliveryDocuments.NameOf(DeliveryStatus.Failed)),
            OrderBy = "createdAt",
            From = UtcMilliseconds.Text(since),
            Limit = PageSize,
        };
        do
        {
            var page = await documents.QueryAsync(query, cancellationToken);
            var left = end - time.GetUtcNow();
            if (rate.TryReserve(page.Items.Count, left > TimeSpan.Zero ? left : TimeSpan.Zero) is not { } wait)
            {
                return sent > 0 ? (sent, true) : throw rate.Exceeded();
            }

            await Task.Delay(wait, time, cancellationToken);
            var parallel = BackgroundTask.InParallel(MaxConcurrency, cancellationToken);
            await Parallel.ForEachAsync(page.Items, parallel, async (found, token) =>
            {
                if (await ResendAsync(DeliveryDocuments.Read(found), found.ETag, current => current.Status == DeliveryStatus.Failed, token) is not null)
                {
                    Interlocked.Increment(ref sent);
                }
            });
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && sent + PageSize <= MaxResent && time.GetUtcNow() < end);

        return (sent, query.Continuation is not null);
    }

    private async Task<Delivery?> ResendAsync(Delivery delivery, string etag, Func<Delivery, bool> isMeant, CancellationToken cancellationToken)
    {
        var resent = await deliveries.ChangeAsync(
            delivery,
            etag,
            current => !isMeant(current) ? null : deliveries.WithNext(current, time.GetUtcNow()) with
            {
                Status = DeliveryStatus.Pending,
                Reason = null,
                Tries = current.IsOver ? 0 : current.Tries,
            },
            cancellationToken);
        if (resent is not null)
        {
            await deliveries.SendAsync(resent, cancellationToken);
        }

        return resent;
    }

    // What no delivery is called is not asked of the store, which may not take it for a name.
    private static bool IsId(string id) =>
        id.StartsWith("msg_", StringComparison.Ordinal) && id.Length < 64 && id.AsSpan(4).IndexOfAnyExcept(IdCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> IdCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

/// <summary>Which deliveries of a webhook to list.</summary>
/// <param name="Webhook">The webhook's name.</param>
public sealed record DeliveryQuery(string Webhook)
{
    /// <summary>The status; null for any.</summary>
    public DeliveryStatus? Status { get; init; }

    /// <summary>Recorded at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recorded before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The most deliveries of the page.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The store's continuation.</summary>
    public string? Continuation { get; init; }
}

/// <summary>A page of deliveries.</summary>
/// <param name="Items">The deliveries.</param>
/// <param name="Continuation">Where the next page begins, in the store's own form; null on the last page.</param>
public sealed record DeliveryPage(IReadOnlyList<Delivery> Items, string? Continuation);

/// <summary>The outcome of a request to send a delivery again.</summary>
/// <param name="Verdict">Whether it is sent.</param>
/// <param name="Delivery">The delivery as it stands; null where there is none.</param>
public sealed record ResendOutcome(ResendVerdict Verdict, Delivery? Delivery);

/// <summary>Whether a delivery is sent again.</summary>
public enum ResendVerdict
{
    /// <summary>It is.</summary>
    Sent,

    /// <summary>The delivery does not exist.</summary>
    NotFound,

    /// <summary>The webhook is not registered any more, or disabled.</summary>
    Disabled,
}
