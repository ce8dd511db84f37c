using EventFunctions.Runtime;

namespace EventFunctions.Storage;

/// <summary>Changes documents that other writers may change at the same time.</summary>
internal static class DocumentChanges
{
    /// <summary>How often a change is decided before it is given up.</summary>
    public const int MaxAttempts = 8;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Reads a document, decides on its newest state, and writes; starts again if another writer was first.</summary>
    /// <param name="documents">The store.</param>
    /// <param name="container">The document's container.</param>
    /// <param name="partition">The value of the partition key.</param>
    /// <param name="id">The document's ID.</param>
    /// <param name="time">The clock of the pauses between attempts.</param>
    /// <param name="decide">Decides on the document, null if there is none; called once for each state that it meets.</param>
    /// <param name="cancellationToken">Ends the wait; the change may be made.</param>
    /// <returns>The result of the decision that was written, or that needed no write.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other writers were first every time.</exception>
    public static async Task<T> ChangeAsync<T>(
        this IDocumentStore documents,
        DocumentContainer container,
        string partition,
        string id,
        TimeProvider time,
        Func<StoredDocument?, Task<DocumentChange<T>>> decide,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(decide);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // The first repeat follows at once: of all that met, one has written.
            if (attempt > 1)
            {
                await Task.Delay(FirstPause * (RandomProvider.Current.NextDouble() * (1 << attempt)), time, cancellationToken);
            }

            var found = await documents.ReadAsync(container, partition, id, cancellationToken);
            var change = await decide(found);
            var isCertain = attempt > 0 && change.Confirms;
            if (isCertain || await documents.TryWriteAsync(container, found, change, cancellationToken))
            {
                return change.Result;
            }
        }

        throw new ContentionException($"Other writers keep changing the document \"{id}\" of \"{partition}\" in \"{container.Name}\".");
    }

    /// <inheritdoc cref="ChangeAsync{T}(IDocumentStore, DocumentContainer, string, string, TimeProvider, Func{StoredDocument, Task{DocumentChange{T}}}, CancellationToken)"/>
    public static Task<T> ChangeAsync<T>(
        this IDocumentStore documents,
        DocumentContainer container,
        string partition,
        string id,
        TimeProvider time,
        Func<StoredDocument?, DocumentChange<T>> decide,
        CancellationToken cancellationToken) =>
        documents.ChangeAsync(container, partition, id, time, found => Task.FromResult(decide(found)), cancellationToken);

    private static async Task<bool> TryWriteAsync<T>(
        this IDocumentStore documents, DocumentContainer container, StoredDocument? found, DocumentChange<T> change, CancellationToken cancellationToken) =>
        change.Next is { } next
            ? (found is null
                ? await documents.CreateAsync(container, next, cancellationToken)
                : await documents.ReplaceAsync(container, next, found.ETag, cancellationToken)) is not null
            : !change.Deletes || found is null || await documents.DeleteAsync(container, found.Partition, found.Id, found.ETag, cancellationToken);
}

/// <summary>A decision about a document.</summary>
/// <param name="Result">What the caller gets once the decision stands.</param>
/// <param name="Next">The document to write; null leaves it as it is.</param>
/// <param name="Deletes">Whether the document is deleted instead.</param>
/// <param name="Confirms">
/// Whether <paramref name="Next"/> equals what was read. A read may be stale: a write on its ETag proves that it was not, or fails, and the next read is fresh.
/// </param>
internal readonly record struct DocumentChange<T>(T Result, Document? Next = null, bool Deletes = false, bool Confirms = false);

/// <summary>Thrown when other writers were first at every attempt to change a document. The same call may succeed later.</summary>
public sealed class ContentionException(string message) : Exception(message);
