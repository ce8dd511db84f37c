using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Groups the newest failures in memory. Cosmos DB's own GROUP BY gives no samples and no order in which to stop, and reads the items
/// anyway, because producer and flags are not indexed. Bounding the number of items bounds the cost.
/// </summary>
internal sealed class FailureQuery(Container container)
{
    /// <summary>The most failures that are counted; if there are more, the newest.</summary>
    public const int MaxFailures = 10_000;

    private const int PageSize = 1_000;

    public async Task<FailureSummary> ReadAsync(bool dismissed, CancellationToken cancellationToken)
    {
        var query = new QueryDefinition(
            "SELECT c.eventId, c.source, c.producer, c.type, c.reason, c.run, c.recordedAt FROM c "
            + $"WHERE c.kind = '{EventDocument.KindName}' AND c.status IN ({CosmosListQuery.Names(EventStatus.Failure)}) AND {CosmosListQuery.Dismissal(dismissed)} "
            + "ORDER BY c.recordedAt DESC");
        var groups = new Dictionary<(string, string, string?), FailureGroup>();
        var count = 0;
        var isWhole = true;
        await foreach (var item in container.ReadItemsAsync(query, PageSize, range: null, partition: null, cancellationToken))
        {
            if (count++ == MaxFailures)
            {
                isWhole = false;
                break;
            }

            Add(groups, JsonSerializer.Deserialize(JsonMarshal.GetRawUtf8Value(item), ItemContext.Default.FailureItem)!);
        }

        return new FailureSummary(
            [.. groups.Values.OrderByDescending(group => group.Count).ThenBy(group => (group.Producer, group.Type, group.Reason)).Take(FailureSummary.MaxGroups)],
            isWhole && groups.Count <= FailureSummary.MaxGroups);
    }

    // Newest first: the first of a group is its last, and its sample.
    private static void Add(Dictionary<(string, string, string?), FailureGroup> groups, FailureItem item)
    {
        var key = (item.Producer, item.Type, item.Reason);
        var group = groups.GetValueOrDefault(key) ?? new FailureGroup(item.Producer, item.Type, item.Reason)
        {
            Count = 0,
            FailedAgain = 0,
            First = item.RecordedAt,
            Last = item.RecordedAt,
        };
        groups[key] = group with
        {
            Count = group.Count + 1,
            FailedAgain = group.FailedAgain + (item.Run > 0 ? 1 : 0),
            First = item.RecordedAt,
            Samples = group.Samples.Length < FailureSummary.MaxSamples ? group.Samples.Add(new EventKey(item.Source, item.EventId)) : group.Samples,
        };
    }
}

/// <summary>What a group needs to know of a failure.</summary>
internal sealed record FailureItem(
    [property: JsonPropertyName("eventId")] string EventId,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("producer")] string Producer,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("run")] int Run,
    [property: JsonPropertyName("recordedAt")] DateTimeOffset RecordedAt);
