using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Reads the items of a query, page after page.</summary>
internal static class ItemQuery
{
    /// <summary>Returns the items as JSON. Each is valid only until the next one is read.</summary>
    /// <param name="container">The container.</param>
    /// <param name="query">The query.</param>
    /// <param name="pageSize">Items of a page.</param>
    /// <param name="range">The range that is asked; null asks all.</param>
    /// <param name="partition">The value of the partition key; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async IAsyncEnumerable<JsonElement> ReadItemsAsync(
        this Container container, QueryDefinition query, int pageSize, FeedRange? range, string? partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions
        {
            MaxItemCount = pageSize,
            MaxBufferedItemCount = pageSize,
            MaxConcurrency = -1,
            PartitionKey = partition is null ? null : new PartitionKey(partition),
        };
        using var pages = range is null
            ? container.GetItemQueryStreamIterator(query, requestOptions: options)
            : container.GetItemQueryStreamIterator(range, query, null, options);
        while (pages.HasMoreResults)
        {
            using var page = await pages.ReadNextAsync(cancellationToken);
            if (!page.IsSuccessStatusCode)
            {
                throw CosmosCalls.Unexpected(page);
            }

            using var json = await JsonDocument.ParseAsync(page.Content, cancellationToken: cancellationToken);
            foreach (var item in json.RootElement.GetProperty("Documents").EnumerateArray())
            {
                yield return item;
            }
        }
    }
}
