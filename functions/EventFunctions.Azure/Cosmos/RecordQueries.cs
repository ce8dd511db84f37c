using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Queries over all partitions.</summary>
internal sealed class RecordQueries(Container container, RecordReader reader)
{
    public async Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken)
    {
        var behind = query.Continuation is { } continuation ? ListContinuation.Parse(continuation) : null;
        if (query.Status == EventStatus.None)
        {
            return new EventPage([], null);
        }

        // One more than the page holds tells whether there is a next one.
        var (records, more) = await ReadAsync(
            CosmosListQuery.Of(query, behind), query.Limit, query.WithData, behind, cancellationToken);
        return new EventPage(records, more ? ListContinuation.Behind(records, behind).ToString() : null);
    }

    public async Task<IReadOnlyList<EventRecord>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition($"""
            SELECT * FROM c WHERE c.kind = '{EventDocument.KindName}' AND c.relayAt <= @now ORDER BY c.relayAt
            """).WithParameter("@now", UtcMilliseconds.Text(now));
        return (await ReadAsync(query, limit, withData: true, null, cancellationToken)).Records;
    }

    private async Task<(List<EventRecord> Records, bool More)> ReadAsync(
        QueryDefinition query, int limit, bool withData, ListContinuation? behind, CancellationToken cancellationToken)
    {
        List<EventRecord> records = [];
        var budget = new PageBudget();
        var most = limit + (behind?.Seen.Count ?? 0) + 1;
        using var pages = container.GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { MaxItemCount = most, MaxBufferedItemCount = most, MaxConcurrency = -1 });
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
                if (behind?.Holds(item) == true)
                {
                    continue;
                }

                if (!reader.TryRead(JsonMarshal.GetRawUtf8Value(item), budget, withData, out var record))
                {
                    return (records, true);
                }

                if (record is null)
                {
                    continue;
                }

                if (records.Count == limit)
                {
                    return (records, true);
                }

                records.Add(record);
            }
        }

        return (records, false);
    }
}
