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
        await foreach (var item in container.ReadItemsAsync(CosmosDocumentSql.Of(query), query.Limit + 1, range, query.Partition, cancellationToken))
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

    private static string Text(JsonElement item, string property) => item.GetProperty(property).GetString()!;
}
