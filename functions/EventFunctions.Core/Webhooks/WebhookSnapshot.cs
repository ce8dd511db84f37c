using System.Collections.Frozen;
using System.Collections.Immutable;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Webhooks;

/// <summary>The webhooks as they were at one time.</summary>
internal sealed class WebhookSnapshot
{
    private const int PageSize = 100;

    private static readonly ImmutableSortedDictionary<string, string> OfWebhooks =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("status", WebhookDocuments.Status);

    private readonly FrozenDictionary<string, RegisteredWebhook> _byName;

    private WebhookSnapshot(IEnumerable<RegisteredWebhook> webhooks)
    {
        _byName = webhooks.ToFrozenDictionary(registered => registered.Webhook.Name, StringComparer.Ordinal);
        All = [.. _byName.Values.Select(registered => registered.Webhook).OrderBy(webhook => webhook.Name, StringComparer.Ordinal)];
    }

    /// <summary>All of them, in the order of their names.</summary>
    public ImmutableArray<Webhook> All { get; }

    public Webhook? Find(string name) => _byName.GetValueOrDefault(name)?.Webhook;

    /// <summary>Reads all webhooks. One that cannot be read stays as it was, and keeps the others from nothing.</summary>
    /// <param name="documents">Where they are.</param>
    /// <param name="before">What was read before: what has not changed since stays the same object.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<WebhookSnapshot> ReadAsync(IDocumentStore documents, WebhookSnapshot? before, ILogger logger, CancellationToken cancellationToken)
    {
        var webhooks = new List<RegisteredWebhook>();
        var query = new DocumentQuery(DocumentContainer.Webhooks) { Equal = OfWebhooks, OrderBy = "status", Limit = PageSize };
        await foreach (var document in documents.QueryAllAsync(query, cancellationToken))
        {
            var known = before?._byName.GetValueOrDefault(document.Partition);
            if ((document.TryRead(found => known?.Stamp == WebhookDocuments.ReadStamp(found) ? known! : WebhookDocuments.Read(found), logger) ?? known) is { } webhook)
            {
                webhooks.Add(webhook);
            }
        }

        return new WebhookSnapshot(webhooks);
    }
}
