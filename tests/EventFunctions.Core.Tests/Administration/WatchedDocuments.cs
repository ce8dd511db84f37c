using EventFunctions.Storage;

namespace EventFunctions.Tests.Administration;

/// <summary>A document store whose calls are counted, and can be made to fail or to wait for something else to happen first.</summary>
internal sealed class WatchedDocuments(IDocumentStore inner) : IDocumentStore
{
    private int _reads;
    private int _queries;
    private int _writes;

    public int Reads => _reads;

    public int Queries => _queries;

    public int Writes => _writes;

    public bool IsDown { get; set; }

    /// <summary>Happens before each read.</summary>
    public Func<CancellationToken, Task> BeforeRead { get; set; } = _ => Task.CompletedTask;

    /// <summary>Happens before each write, with its number, counted from 1, and its partition.</summary>
    public Func<int, string, Task> BeforeWrite { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Happens after each write that took effect, with its number.</summary>
    public Func<int, Task> AfterWrite { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the next read answers, as a replica does that lags behind; null answers with what is there.</summary>
    public StoredDocument? Late { get; set; }

    public void ResetCounts() => (_reads, _queries, _writes) = (0, 0, 0);

    public async Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        ThrowIfDown();
        await BeforeRead(cancellationToken);
        if (Late is { } late && (late.Partition, late.Id) == (partition, id))
        {
            Late = null;
            return late;
        }

        return await inner.ReadAsync(container, partition, id, cancellationToken);
    }

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        WriteAsync(document.Partition, () => inner.CreateAsync(container, document, cancellationToken));

    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken) =>
        WriteAsync(document.Partition, () => inner.ReplaceAsync(container, document, etag, cancellationToken));

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) =>
        WriteAsync(document.Partition, async () =>
        {
            await inner.UpsertAsync(container, document, cancellationToken);
            return true;
        });

    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) =>
        WriteAsync(partition, () => inner.DeleteAsync(container, partition, id, etag, cancellationToken));

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _queries);
        ThrowIfDown();
        return inner.QueryAsync(query, cancellationToken);
    }

    private async Task<T> WriteAsync<T>(string partition, Func<Task<T>> write)
    {
        var number = Interlocked.Increment(ref _writes);
        ThrowIfDown();
        await BeforeWrite(number, partition);
        var result = await write();
        await AfterWrite(number);
        return result;
    }

    private void ThrowIfDown()
    {
        if (IsDown)
        {
            throw new StoreUnavailableException("down");
        }
    }
}
