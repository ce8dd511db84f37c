using System.Text.Json;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Webhooks;

/// <summary>Reads documents of webhooks that a query has found, of which one that cannot be read must not hold up the others.</summary>
internal static class ReadableDocuments
{
    /// <summary>Reads a document, and logs one that cannot be read.</summary>
    /// <param name="found">The document, in its webhook's partition.</param>
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
            logger.LogError(e, "Skipping the document {Id} of the webhook {Webhook}: it is not a readable {Kind}.", found.Id, found.Partition, typeof(T).Name);
            return null;
        }
    }
}
