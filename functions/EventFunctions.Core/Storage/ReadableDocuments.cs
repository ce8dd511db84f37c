using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Storage;

/// <summary>Reads the documents of a query. One that cannot be read does not hold up the others.</summary>
internal static class ReadableDocuments
{
    /// <summary>Reads all documents, page after page.</summary>
    /// <param name="documents">The store.</param>
    /// <param name="query">The query, from its first page on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async IAsyncEnumerable<StoredDocument> QueryAllAsync(
        this IDocumentStore documents, DocumentQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await documents.QueryAsync(query, cancellationToken);
            foreach (var document in page.Items)
            {
                yield return document;
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);
    }

    /// <summary>Reads a document, and logs one that cannot be read.</summary>
    /// <param name="found">The document.</param>
    /// <param name="read">Reads it, and throws <see cref="JsonException"/> where it is none.</param>
    /// <param name="logger">Told of one that is none.</param>
    /// <returns>Null where it cannot be read.</returns>
    public static T? TryRead<T>(this StoredDocument found, Func<StoredDocument, T> read, ILogger logger)
        where T : class
    {
        try
        {
            return read(found);
        }
        catch (JsonException e)
        {
            logger.LogError(e, "Skipping the document {Id} of {Partition}: it is not a readable {Kind}.", found.Id, found.Partition, typeof(T).Name);
            return null;
        }
    }
}
