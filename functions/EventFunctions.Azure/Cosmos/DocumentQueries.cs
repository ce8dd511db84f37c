using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Queries of one container's documents.</summary>
internal sealed class DocumentQueries(Container container)
{
    public async Task<DocumentPage> ReadAsync(DocumentQuery query, FeedRange? range, CancellationToken cancellationToken)
    {
        List<StoredDocument> items = [];
        DocumentPosition? last = null;
        var budget = new PageBudget();
        var more = false;
        await foreach (var item in ReadAsync(CosmosDocumentSql.Of(query), query.Partition, range, query.Limit + 1, cancellationToken))
        {
            var utf8 = JsonMarshal.GetRawUtf8Value(item);
            if (items.Count == query.Limit || !budget.TryTake(utf8.Length, utf8.Length))
            {
                more = true;
                break;
            }

            last = new DocumentPosition(query.OrderBy is { } field ? Text(item, field) : null, Text(item, "id"), Text(item, query.Container.PartitionKey));
            items.Add(new StoredDocument(last.Partition, last.Id, utf8.ToArray(), Text(item, "_etag")));
        }

        return new DocumentPage(items, more ? last?.ToString() : null);
    }

    private async IAsyncEnumerable<JsonElement> ReadAsync(
        QueryDefinition query, string? partition, FeedRange? range, int pageSize, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions { MaxItemCount = pageSize, MaxBufferedItemCount = pageSize, MaxConcurrency = -1, PartitionKey = partition is null ? null : new PartitionKey(partition) };
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

    private static string Text(JsonElement item, string property) => item.GetProperty(property).GetString()!;
}
