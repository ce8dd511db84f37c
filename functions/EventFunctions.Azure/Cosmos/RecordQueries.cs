using System.Runtime.InteropServices;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Queries over all partitions, or one.</summary>
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

    /// <summary>Returns due records, that longest due first.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="limit">The most records.</param>
    /// <param name="range">The partition that is asked; null asks all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<EventRecord>> DueAsync(DateTimeOffset now, int limit, FeedRange? range, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition($"""
            SELECT * FROM c WHERE c.kind = '{EventDocument.KindName}' AND c.relayAt <= @now ORDER BY c.relayAt
            """).WithParameter("@now", UtcMilliseconds.Text(now));
        return (await ReadAsync(query, limit, withData: true, null, cancellationToken, range)).Records;
    }

    private async Task<(List<EventRecord> Records, bool More)> ReadAsync(
        QueryDefinition query, int limit, bool withData, ListContinuation? behind, CancellationToken cancellationToken, FeedRange? range = null)
    {
        List<EventRecord> records = [];
        var budget = new PageBudget();
        var most = limit + (behind?.Seen.Count ?? 0) + 1;
        await foreach (var item in container.ReadItemsAsync(query, most, range, partition: null, cancellationToken))
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

        return (records, false);
    }
}
