using System.Collections.Concurrent;
using System.Collections.Immutable;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The endpoints that this instance delivers to, and the notices about them.</summary>
public sealed class WebhookEndpoints(
    WebhookRegistry webhooks,
    IDocumentStore documents,
    OwnEventPublisher publisher,
    TimeProvider time,
    IOptions<DeliveryOptions> options,
    ILogger<WebhookEndpoints> logger)
{
    private const int PageSize = 100;

    private readonly ConcurrentDictionary<string, Endpoint> _endpoints = new(StringComparer.Ordinal);

    /// <summary>Returns the health of an endpoint; healthy if unknown.</summary>
    /// <param name="webhook">The webhook's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<EndpointState> ReadAsync(string webhook, CancellationToken cancellationToken) =>
        await documents.ReadAsync(DocumentContainer.Webhooks, webhook, EndpointState.Id, cancellationToken) is { } found
            ? EndpointDocuments.Read(found)
            : new EndpointState();

    /// <summary>Publishes what another instance was about to, and did not.</summary>
    /// <param name="cancellationToken">Ends the work, which goes on with the next tick.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be used now.</exception>
    public async Task PublishDueAsync(CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.Webhooks) { OrderBy = "dueAt", To = UtcMilliseconds.Text(time.GetUtcNow().AddMilliseconds(1)), Limit = PageSize, InTurns = true };
        await foreach (var due in documents.QueryAllAsync(query, cancellationToken))
        {
            if (due.Id == EndpointState.Id && due.TryRead(EndpointDocuments.Read, logger)?.Notice is { } notice)
            {
                await PublishAsync(due.Partition, notice, cancellationToken);
            }
        }
    }

    /// <summary>The endpoint of a webhook.</summary>
    internal Endpoint Of(string webhook) =>
        _endpoints.GetOrAdd(webhook, static (name, self) => self.Create(name), this);

    /// <summary>Applies and publishes a notice. If that fails, it is repeated after a while, by the first instance that finds it.</summary>
    internal async Task PublishAsync(string webhook, EndpointNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            if (notice.Reason == WebhookDisabledReason.Failing && await HasDeliveredSinceAsync(webhook, notice.FailingSince, cancellationToken))
            {
                await Of(webhook).Circuit.RecoveredAsync(notice, cancellationToken);
                return;
            }

            if (notice.Disables)
            {
                await webhooks.DisableAsync(webhook, notice.Reason, cancellationToken, notice.At);
                logger.LogWarning("Disabled the webhook {Webhook} ({Reason}): every attempt since {Since} has failed.", webhook, notice.Reason, notice.FailingSince);
            }

            await publisher.PublishAsync(EndpointNoticeEvent.Create(webhook, notice), cancellationToken);
            await Of(webhook).Circuit.SettledAsync(notice, cancellationToken);
        }
        catch (Exception e) when (e is PublishException or StoreUnavailableException or ContentionException)
        {
            logger.LogError(e, "Could not publish a notice about the webhook {Webhook}; retrying.", webhook);
        }
    }

    // The health of an endpoint may not have been recorded after a success. If no other attempt follows for days, the endpoint seems to fail all that time.
    private async Task<bool> HasDeliveredSinceAsync(string webhook, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.Deliveries)
        {
            Partition = webhook,
            Equal = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("status", DeliveryDocuments.NameOf(DeliveryStatus.Delivered)),
            OrderBy = "createdAt",
            Descending = true,
            Limit = PageSize,
        };
        var newest = await documents.QueryAsync(query, cancellationToken);
        return newest.Items.Any(found => found.TryRead(DeliveryDocuments.Read, logger) is { Attempts: [.., var last] } && last.At >= since);
    }

    private Endpoint Create(string webhook) =>
        new(new EndpointCircuit(new EndpointDocument(webhook, documents, time), options.Value, time), time);
}
