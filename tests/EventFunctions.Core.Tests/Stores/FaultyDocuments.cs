using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <summary>A document store that breaks off where a test wants it to, as a crash or a network does.</summary>
internal sealed class FaultyDocuments(IDocumentStore inner) : IDocumentStore
{
    private int _writes;
    private int _reads;

    /// <summary>After how many more writes one fails; null for none.</summary>
    public int? FailsAfter { get; set; }

    /// <summary>Whether the write that fails takes effect all the same.</summary>
    public bool TakesEffect { get; set; }

    /// <summary>A document whose writes fail for ever, as one that is too large does.</summary>
    public Func<Document, bool> IsHopeless { get; set; } = _ => false;

    /// <summary>What is done before each read and write.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public int Writes => _writes;

    /// <summary>How many documents were asked for.</summary>
    public int Reads => _reads;

    public async Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken)
    {
        await Before();
        Interlocked.Increment(ref _reads);
        return await inner.ReadAsync(container, partition, id, cancellationToken);
    }

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        WriteAsync(document, () => inner.CreateAsync(container, document, cancellationToken));

    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken) =>
        WriteAsync(document, () => inner.ReplaceAsync(container, document, etag, cancellationToken));

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) => WriteAsync(document, async () =>
    {
        await inner.UpsertAsync(container, document, cancellationToken);
        return true;
    });

    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) =>
        WriteAsync(null, () => inner.DeleteAsync(container, partition, id, etag, cancellationToken));

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => inner.QueryAsync(query, cancellationToken);

    private async Task<T> WriteAsync<T>(Document? document, Func<Task<T>> write)
    {
        await Before();
        if (document is not null && IsHopeless(document))
        {
            throw new InvalidOperationException("The store will never take this.");
        }

        if (Interlocked.Increment(ref _writes) <= FailsAfter || FailsAfter is null)
        {
            return await write();
        }

        FailsAfter = null;
        if (TakesEffect)
        {
            await write();
        }

        throw new StoreUnavailableException("broken off");
    }

    /// <summary>Counts from here, and fails once.</summary>
    public void FailOnce(int after, bool takesEffect)
    {
        _writes = 0;
        (FailsAfter, TakesEffect) = (after, takesEffect);
    }
}
