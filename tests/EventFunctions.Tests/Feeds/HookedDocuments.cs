using System.Text;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Feeds;

/// <summary>A store of documents that tells a test of each write of a feed's state before it is made.</summary>
internal sealed class HookedDocuments(IDocumentStore inner) : IDocumentStore
{
    /// <summary>Is called with the body; what it throws is thrown instead of the write.</summary>
    public Func<string, Task> BeforeReplace { get; set; } = _ => Task.CompletedTask;

    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken) =>
        inner.ReadAsync(container, partition, id, cancellationToken);

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        inner.CreateAsync(container, document, cancellationToken);

    public async Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken)
    {
        await BeforeReplace(Encoding.UTF8.GetString(document.Body.Span));
        return await inner.ReplaceAsync(container, document, etag, cancellationToken);
    }

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        inner.UpsertAsync(container, document, cancellationToken);

    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) =>
        inner.DeleteAsync(container, partition, id, etag, cancellationToken);

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => inner.QueryAsync(query, cancellationToken);
}
