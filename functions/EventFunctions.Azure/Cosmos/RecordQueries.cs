using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Events;
using EventFunctions.Events.Documents;
using EventFunctions.Ports;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Queries over all partitions.</summary>
internal sealed class RecordQueries(Container container, RecordReader reader)
{
    // A thousand records of 1 MB are no page: it ends early, with a continuation.
    private const long MaxPageBytes = 16 * 1024 * 1024;

    public async Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken)
    {
        var behind = query.Continuation is { } continuation ? ListContinuation.Parse(continuation) : null;
        if (query.Status == EventStatus.None)
        {
            return new EventPage([], null);
        }

        // One more than the page holds tells whether there is a next one.
        var (records, more) = await ReadAsync(
            ListQuery.Of(query, behind), query.Limit, behind?.Seen.Count ?? 0, record => behind?.Holds(record) != true, cancellationToken);
        return new EventPage(records, more ? ListContinuation.Behind(records, behind).ToString() : null);
    }

    public async Task<IReadOnlyList<EventRecord>> DueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition($"""
            SELECT * FROM c WHERE c.kind = '{EventDocument.KindName}' AND c.status IN ({ListQuery.Names(EventStatus.Open)}) AND c.relayAt <= @now ORDER BY c.relayAt
            """).WithParameter("@now", UtcMilliseconds.Text(now));
        return (await ReadAsync(query, limit, 0, _ => true, cancellationToken)).Records;
    }

    public async Task<EarlierEvent?> EarlierAsync(EntityKey entity, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var completed = ItemPatch.StatusName(EventStatus.Completed);
        var query = new QueryDefinition(
                $"SELECT * FROM c WHERE c.kind = '{EventDocument.KindName}' AND c.entityId = @entity AND c.status = '{completed}' "
                + "AND (NOT IS_DEFINED(c.reason) OR IS_NULL(c.reason)) AND c.occurredAt < @before "

                // All of it, though the first two are the same for all: so the composite index serves filter and order.
                + "ORDER BY c.entityId ASC, c.status ASC, c.occurredAt DESC")
            .WithParameter("@entity", entity.Id)
            .WithParameter("@before", UtcMilliseconds.Text(before));
        var (records, _) = await ReadAsync(query, 1, 0, _ => true, cancellationToken);
        return records.Count == 0 ? null : records[0].ToEarlier();
    }

    private async Task<(List<EventRecord> Records, bool More)> ReadAsync(
        QueryDefinition query, int limit, int skipped, Func<EventRecord, bool> wanted, CancellationToken cancellationToken)
    {
        List<EventRecord> records = [];
        var bytes = 0L;
        using var pages = container.GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { MaxItemCount = limit + skipped + 1, MaxConcurrency = -1 });
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
                var utf8 = JsonMarshal.GetRawUtf8Value(item);
                if (reader.Read(utf8) is not { } record || !wanted(record))
                {
                    continue;
                }

                if (records.Count == limit || (records.Count > 0 && bytes + utf8.Length > MaxPageBytes))
                {
                    return (records, true);
                }

                bytes += utf8.Length;
                records.Add(record);
            }
        }

        return (records, false);
    }
}
