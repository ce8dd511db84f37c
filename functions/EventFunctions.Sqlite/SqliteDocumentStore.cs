using System.Globalization;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>The embedded document store: tables of the event store's file, written by the same writer.</summary>
/// <param name="file">The open file.</param>
public sealed class SqliteDocumentStore(SqliteEventStore file) : IDocumentStore
{
    /// <inheritdoc/>
    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(file.Readers.Read(reads => reads.Documents.Read(container, partition, id), cancellationToken));
        }
        catch (OperationCanceledException e)
        {
            return Task.FromCanceled<StoredDocument?>(e.CancellationToken);
        }
        catch (Exception e)
        {
            return Task.FromException<StoredDocument?>(e);
        }
    }

    /// <inheritdoc/>
    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken)
    {
        var row = Row(container, document);
        return WriteAsync(writes => Text(writes.Create(container, row)), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken)
    {
        var row = Row(container, document);
        return Number(etag) is { } expected
            ? WriteAsync(writes => Text(writes.Replace(container, row, expected)), cancellationToken)
            : Task.FromResult<string?>(null);
    }

    /// <inheritdoc/>
    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken)
    {
        var row = Row(container, document);
        return WriteAsync(writes => writes.Upsert(container, row), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken)
    {
        var expected = etag is null ? null : Number(etag);
        return etag is not null && expected is null
            ? Task.FromResult(false)
            : WriteAsync(writes => writes.Delete(container, partition, id, expected), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        DocumentFields.Check(query);
        return ScanAsync(reads => reads.Query(query), cancellationToken);
    }

    private Task<T> WriteAsync<T>(Func<DocumentWrites, T> write, CancellationToken cancellationToken) =>
        file.Writer.WriteAsync(writes => write(writes.Documents), cancellationToken);

    private Task<T> ScanAsync<T>(Func<DocumentReads, T> read, CancellationToken cancellationToken) =>
        file.Readers.ScanAsync(reads => read(reads.Documents), cancellationToken);

    private static DocumentRow Row(DocumentContainer container, Document document) =>
        new(document.Partition, document.Id, DocumentFields.Read(container, document), document.Body, TimeToLive.ToSeconds(document.TimeToLive));

    private static string? Text(long? etag) => etag?.ToString(CultureInfo.InvariantCulture);

    private static long? Number(string etag) => long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
