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

    private readonly FrozenDictionary<string, Entry> _byName;

    private WebhookSnapshot(IEnumerable<Entry> webhooks)
    {
        _byName = webhooks.ToFrozenDictionary(entry => entry.Registered.Webhook.Name, StringComparer.Ordinal);
        All = [.. _byName.Values.Select(entry => entry.Registered.Webhook).OrderBy(webhook => webhook.Name, StringComparer.Ordinal)];
    }

    /// <summary>All of them, in the order of their names.</summary>
    public ImmutableArray<Webhook> All { get; }

    public Webhook? Find(string name) => _byName.GetValueOrDefault(name)?.Registered.Webhook;

    /// <summary>Reads all webhooks. One that cannot be read stays as it was, and keeps the others from nothing.</summary>
    /// <param name="documents">Where they are.</param>
    /// <param name="before">What was read before: what has not changed since stays the same object.</param>
    /// <param name="logger">The log.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<WebhookSnapshot> ReadAsync(IDocumentStore documents, WebhookSnapshot? before, ILogger logger, CancellationToken cancellationToken)
    {
        var webhooks = new List<Entry>();
        var query = new DocumentQuery(DocumentContainer.Webhooks) { Equal = OfWebhooks, OrderBy = "status", Limit = PageSize };
        await foreach (var document in documents.QueryAllAsync(query, cancellationToken))
        {
            var known = before?._byName.GetValueOrDefault(document.Partition);
            if (known?.ETag == document.ETag)
            {
                webhooks.Add(known);
            }
            else if (document.TryRead(WebhookDocuments.Read, logger) is { } read)
            {
                webhooks.Add(new Entry(read.Stamp == known?.Registered.Stamp ? known.Registered : read, document.ETag));
            }
            else if (known is not null)
            {
                webhooks.Add(known);
            }
        }

        return new WebhookSnapshot(webhooks);
    }

    private sealed record Entry(RegisteredWebhook Registered, string ETag);
}
