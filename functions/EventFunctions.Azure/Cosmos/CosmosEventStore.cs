using System.Net;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// The event store in a Cosmos DB container with the partition key <c>/eventId</c>: point reads for known events, queries over all
/// partitions only for lists.
/// </summary>
/// <remarks>
/// An answer may be lost after its write took effect, and the SDK sends the write again. Writes of a record carry a name
/// that no other has: a create that finds its key taken looks whose item it is, and a patch applies once
/// (<see cref="ItemPatch"/>). Creates of full data say that the key is taken, and the caller reads its own data for the
/// winner's. Where the SDK gives up, the caller hears that the store is unavailable, and does the same again.
/// </remarks>
/// <param name="container">The container of the events.</param>
/// <param name="reader">Reads records, and passes over those that cannot be read.</param>
/// <param name="pointBudget">How long a point operation may take with all its retries; 3 s where null, since a producer waits for it.</param>
/// <param name="scanBudget">How long a query may take; 20 s where null.</param>
/// <param name="index">Names due records; null asks all partitions for them.</param>
internal sealed class CosmosEventStore(Container container, RecordReader reader, TimeSpan? pointBudget = null, TimeSpan? scanBudget = null, DueIndex? index = null) : IEventStore
{
    // What is created at the same time: enough to fill a batch's time, little enough to leave others theirs.
    private const int MaxConcurrency = 32;

    private readonly TimeSpan _pointBudget = pointBudget ?? CosmosClients.PointBudget;
    private readonly TimeSpan _scanBudget = scanBudget ?? CosmosClients.ScanBudget;
    private readonly RecordQueries _queries = new(container, reader);
    private readonly PartitionTurns _partitions = new(container);
    private readonly RecordChanges _changes = new(container, reader);
    private readonly FailureQuery _failures = new(container);

    public async Task<IReadOnlyList<bool>> CreateAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 1)
        {
            return [await CreateAsync(records[0], cancellationToken)];
        }

        var created = new bool[records.Count];
        await Parallel.ForAsync(
            0,
            records.Count,
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken },
            async (i, token) => created[i] = await CreateAsync(records[i], token));
        return created;
    }

    public Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token => await ReadItemAsync(key.DocumentId, key.Id, token) is { } item ? DocumentJson.ReadRecord(item.Json.Span) : null,
        cancellationToken);

    public async Task<PatchOutcome> PatchAsync(EventKey key, RecordPatch patch, CancellationToken cancellationToken)
    {
        var itemPatch = new ItemPatch(patch);
        var made = await CosmosCalls.RunAsync(
            _pointBudget,
            async token =>
            {
                PatchOutcome? outcome = null;
                while (outcome is null)
                {
                    outcome = await PatchItemAsync(key, itemPatch, token) ?? await SettleAsync(key, patch, itemPatch, token);
                }

                return outcome.Value;
            },
            cancellationToken);
        if (made == PatchOutcome.Applied && patch.RelayAt is { } dueAt && index is not null)
        {
            await index.AddAsync(key, dueAt, cancellationToken);
        }

        return made;
    }

    public Task<bool> CreateDataAsync(FullData data, CancellationToken cancellationToken) =>
        CosmosCalls.RunAsync(_pointBudget, token => CreateItemAsync(DocumentJson.Write(data), data.Key.Id, token), cancellationToken);

    public Task<FullData?> ReadDataAsync(EventKey key, int run, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token => await ReadItemAsync(key.DataDocumentId(run), key.Id, token) is { } item ? DocumentJson.ReadData(item.Json.Span) : null,
        cancellationToken);

    public Task<bool> ReplaceOldDataAsync(FullData data, DateTimeOffset fetchedBefore, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token =>
        {
            while (await ReadItemAsync(data.Key.DataDocumentId(data.Run), data.Key.Id, token) is { } item
                && DocumentJson.ReadData(item.Json.Span).FetchedAt < fetchedBefore)
            {
                using var response = await container.ReplaceItemStreamAsync(
                    new MemoryStream(DocumentJson.Write(data)),
                    data.Key.DataDocumentId(data.Run),
                    new PartitionKey(data.Key.Id),
                    new ItemRequestOptions { IfMatchEtag = item.ETag },
                    token);
                if (response.IsSuccessStatusCode)
                {
                    return true;
                }

                // Somebody was first, or it has expired just now: the next read tells.
                if (response.StatusCode != HttpStatusCode.PreconditionFailed && !CosmosCalls.IsNotFound(response))
                {
                    throw CosmosCalls.Unexpected(response);
                }
            }

            return false;
        },
        cancellationToken);

    public Task ReplaceDataAsync(FullData data, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token =>
        {
            using var response = await container.UpsertItemStreamAsync(
                new MemoryStream(DocumentJson.Write(data)), new PartitionKey(data.Key.Id), cancellationToken: token);
            return response.IsSuccessStatusCode ? true : throw CosmosCalls.Unexpected(response);
        },
        cancellationToken);

    public Task<FailureSummary> ReadFailuresAsync(bool dismissed, CancellationToken cancellationToken) =>
        CosmosCalls.RunAsync(_scanBudget, token => _failures.ReadAsync(dismissed, token), cancellationToken);

    public Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1_000);
        return CosmosCalls.RunAsync(_scanBudget, token => _queries.ListAsync(query, token), cancellationToken);
    }

    public Task<IReadOnlyList<EventRecord>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _scanBudget,
        token => index is null
            ? _queries.DueAsync(now, limit, range: null, token)
            : new DueRecords(_queries, _partitions, index, ReadAsync).ReadAsync(now, limit, token),
        cancellationToken);

    public Task<ChangePage> ReadChangesAsync(string? cursor, int limit, CancellationToken cancellationToken) =>
        CosmosCalls.RunAsync(_scanBudget, token => _changes.ReadAsync(cursor, limit, token), cancellationToken);

    public Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken) =>
        CosmosCalls.RunAsync(_scanBudget, _changes.ReadNewestCursorAsync, cancellationToken);

    // An item that is never there costs the same as one that is.
    public Task CheckAsync(CancellationToken cancellationToken) =>
        CosmosCalls.RunAsync(_pointBudget, token => ReadItemAsync("check", "eventfunctions.check", token), cancellationToken);

    private Task<bool> CreateAsync(EventRecord record, CancellationToken cancellationToken)
    {
        var name = WriteName.New();
        return CosmosCalls.RunAsync(
            _pointBudget,
            async token => await CreateItemAsync(WriteName.Put(DocumentJson.Write(record), name), record.Key.Id, token)
                || (await ReadItemAsync(record.Key.DocumentId, record.Key.Id, token) is { } item && WriteName.Of(item.Json.Span) == name),
            cancellationToken);
    }

    private async Task<bool> CreateItemAsync(byte[] json, string eventId, CancellationToken cancellationToken)
    {
        using var response = await container.CreateItemStreamAsync(new MemoryStream(json), new PartitionKey(eventId), cancellationToken: cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.Created => true,
            HttpStatusCode.Conflict => false,
            _ => throw CosmosCalls.Unexpected(response),
        };
    }

    private async Task<Item?> ReadItemAsync(string id, string eventId, CancellationToken cancellationToken)
    {
        using var response = await container.ReadItemStreamAsync(id, new PartitionKey(eventId), cancellationToken: cancellationToken);
        if (CosmosCalls.IsNotFound(response))
        {
            return null;
        }

        return response.IsSuccessStatusCode
            ? new Item(await ReadAllAsync(response.Content, cancellationToken), response.Headers.ETag)
            : throw CosmosCalls.Unexpected(response);
    }

    // Null where the predicate does not hold.
    private async Task<PatchOutcome?> PatchItemAsync(EventKey key, ItemPatch patch, CancellationToken cancellationToken)
    {
        using var response = await container.PatchItemStreamAsync(
            key.DocumentId,
            new PartitionKey(key.Id),
            patch.Operations,
            new PatchItemRequestOptions { FilterPredicate = patch.Predicate, EnableContentResponseOnWrite = false },
            cancellationToken);
        return response switch
        {
            { IsSuccessStatusCode: true } => PatchOutcome.Applied,
            { StatusCode: HttpStatusCode.PreconditionFailed } => null,
            _ when CosmosCalls.IsNotFound(response) => PatchOutcome.NotFound,
            _ => throw CosmosCalls.Unexpected(response),
        };
    }

    /// <summary>Finds out why a patch's predicate does not hold; where only the timeline is full, folds it and replaces the item.</summary>
    /// <returns>Null where the item has changed meanwhile, so that the patch is to be tried again.</returns>
    private async Task<PatchOutcome?> SettleAsync(EventKey key, RecordPatch patch, ItemPatch itemPatch, CancellationToken cancellationToken)
    {
        if (await ReadItemAsync(key.DocumentId, key.Id, cancellationToken) is not { } item)
        {
            return PatchOutcome.NotFound;
        }

        if (WriteName.Of(item.Json.Span) == itemPatch.Name)
        {
            return PatchOutcome.Applied;
        }

        var record = DocumentJson.ReadRecord(item.Json.Span);
        if (!patch.TryApply(record, out var changed))
        {
            return PatchOutcome.NotApplied;
        }

        return record.Timeline.Length + patch.Entries.Length > Timeline.Capacity
            ? await ReplaceAsync(changed, itemPatch.Name, item.ETag, cancellationToken)
            : null;
    }

    private async Task<PatchOutcome?> ReplaceAsync(EventRecord record, string patchName, string etag, CancellationToken cancellationToken)
    {
        using var response = await container.ReplaceItemStreamAsync(
            new MemoryStream(WriteName.Put(DocumentJson.Write(record), patchName)),
            record.Key.DocumentId,
            new PartitionKey(record.Key.Id),
            new ItemRequestOptions { IfMatchEtag = etag },
            cancellationToken);
        return response switch
        {
            { IsSuccessStatusCode: true } => PatchOutcome.Applied,
            { StatusCode: HttpStatusCode.PreconditionFailed } => null,
            _ when CosmosCalls.IsNotFound(response) => PatchOutcome.NotFound,
            _ => throw CosmosCalls.Unexpected(response),
        };
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream content, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream(content.CanSeek ? (int)content.Length : 4_096);
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private readonly record struct Item(ReadOnlyMemory<byte> Json, string ETag);
}

/// <summary>Contracts of this adapter's own documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(WrittenItem))]
[JsonSerializable(typeof(ListContinuation))]
[JsonSerializable(typeof(FailureItem))]
internal sealed partial class ItemContext : JsonSerializerContext;
