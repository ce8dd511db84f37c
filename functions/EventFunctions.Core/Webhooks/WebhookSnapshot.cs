using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
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
        do
        {
            var page = await documents.QueryAsync(query, cancellationToken);
            webhooks.AddRange(page.Items.Select(document => Read(document, before?._byName.GetValueOrDefault(document.Partition), logger)).OfType<RegisteredWebhook>());
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);

        return new WebhookSnapshot(webhooks);
    }

    private static RegisteredWebhook? Read(StoredDocument document, RegisteredWebhook? known, ILogger logger)
    {
        try
        {
            return known is not null && known.Stamp == WebhookDocuments.ReadStamp(document) ? known : WebhookDocuments.Read(document);
        }
        catch (JsonException e)
        {
            logger.LogError(e, "Cannot read the document of the webhook {Name}.", document.Partition);
            return known;
        }
    }
}
