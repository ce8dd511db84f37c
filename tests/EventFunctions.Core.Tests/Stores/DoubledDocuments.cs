using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <summary>A store whose client sends every write twice, and tells only of the second time.</summary>
internal sealed class DoubledDocuments(IDocumentStore inner) : IDocumentStore
{
    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken) =>
        inner.ReadAsync(container, partition, id, cancellationToken);

    public async Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken)
    {
        await inner.CreateAsync(container, document, cancellationToken);
        return await inner.CreateAsync(container, document, cancellationToken);
    }

    public async Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken)
    {
        await inner.ReplaceAsync(container, document, etag, cancellationToken);
        return await inner.ReplaceAsync(container, document, etag, cancellationToken);
    }

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        inner.UpsertAsync(container, document, cancellationToken);

    public async Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken)
    {
        await inner.DeleteAsync(container, partition, id, etag, cancellationToken);
        return await inner.DeleteAsync(container, partition, id, etag, cancellationToken);
    }

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => inner.QueryAsync(query, cancellationToken);
}
