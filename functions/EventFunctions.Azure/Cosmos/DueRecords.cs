using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Finds due records at a cost that does not grow with the container: those that the index names, and those of one physical partition, all
/// partitions in turn. Only if the index had to stop naming are all partitions asked.
/// </summary>
/// <param name="queries">Queries the records.</param>
/// <param name="partitions">The physical partitions of the events.</param>
/// <param name="index">Names records.</param>
/// <param name="readAsync">Reads one record.</param>
internal sealed class DueRecords(
    RecordQueries queries, PartitionTurns partitions, DueIndex index, Func<EventKey, CancellationToken, Task<EventRecord?>> readAsync)
{
    // Records may be large; the rest is named still, and comes with the next page.
    private const int MaxBytes = 16_000_000;

    /// <summary>Returns due records, that longest due first.</summary>
    public async Task<IReadOnlyList<EventRecord>> ReadAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var named = await index.ReadAsync(now, limit, cancellationToken);
        var many = named.Where(one => one.Key is null).ToList();
        List<EventRecord> found = [];
        var bytes = 0L;
        foreach (var one in named.Where(one => one.Key is not null))
        {
            var record = await readAsync(one.Key!.Value, cancellationToken);
            if (record?.RelayAt is { } at && at <= now)
            {
                found.Add(record);
                bytes += record.Event.Data?.Bytes.Length ?? 0;
            }
            else
            {
                await index.RemoveAsync(one, cancellationToken);
            }

            if (bytes > MaxBytes)
            {
                return found;
            }
        }

        var range = many.Count == 0 ? await partitions.NextAsync(cancellationToken) : null;
        var others = await queries.DueAsync(now, limit, range, cancellationToken);
        foreach (var done in others.Count == 0 ? many : [])
        {
            await index.RemoveAsync(done, cancellationToken);
        }

        return [.. found.Concat(others).DistinctBy(record => record.Key).OrderBy(record => record.RelayAt).Take(limit)];
    }
}
