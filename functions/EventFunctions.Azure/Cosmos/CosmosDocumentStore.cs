using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>The document store in containers of the event store's database.</summary>
/// <remarks>
/// An answer may be lost after its write took effect, and the SDK sends the write again. A create or a replacement then finds
/// its own work and says that somebody was first, which whoever reads what is there sees to be itself.
/// </remarks>
/// <param name="database">The database of the containers.</param>
/// <param name="pointBudget">How long a point operation may take with all its retries; 3 s where null.</param>
/// <param name="scanBudget">How long a query may take; 20 s where null.</param>
internal sealed class CosmosDocumentStore(Database database, TimeSpan? pointBudget = null, TimeSpan? scanBudget = null) : IDocumentStore
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ConcurrentDictionary<string, PartitionTurns> _turns = new(StringComparer.Ordinal);
    private readonly TimeSpan _pointBudget = pointBudget ?? CosmosClients.PointBudget;
    private readonly TimeSpan _scanBudget = scanBudget ?? CosmosClients.ScanBudget;

    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token =>
        {
            using var response = await In(container).ReadItemStreamAsync(id, new PartitionKey(partition), cancellationToken: token);
            if (CosmosCalls.IsNotFound(response))
            {
                return null;
            }

            return response.IsSuccessStatusCode
                ? new StoredDocument(partition, id, await ReadAllAsync(response.Content, token), response.Headers.ETag)
                : throw CosmosCalls.Unexpected(response);
        },
        cancellationToken);

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken)
    {
        var item = Item(container, document);
        return WriteAsync(token => In(container).CreateItemStreamAsync(Stream(item), new PartitionKey(document.Partition), cancellationToken: token), cancellationToken);
    }

    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken)
    {
        var item = Item(container, document);
        return WriteAsync(
            token => In(container).ReplaceItemStreamAsync(
                Stream(item), document.Id, new PartitionKey(document.Partition), new ItemRequestOptions { IfMatchEtag = etag }, token),
            cancellationToken);
    }

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken)
    {
        var item = Item(container, document);
        return WriteAsync(token => In(container).UpsertItemStreamAsync(Stream(item), new PartitionKey(document.Partition), cancellationToken: token), cancellationToken);
    }

    public async Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) =>
        await WriteAsync(
            token => In(container).DeleteItemStreamAsync(id, new PartitionKey(partition), new ItemRequestOptions { IfMatchEtag = etag }, token),
            cancellationToken) is not null;

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        DocumentFields.Check(query);
        return CosmosCalls.RunAsync(
            _scanBudget,
            async token => await new DocumentQueries(In(query.Container)).ReadAsync(
                query,
                query is { InTurns: true, Partition: null, Continuation: null } ? await TurnsOf(query.Container).NextAsync(token) : null,
                token),
            cancellationToken);
    }

    private PartitionTurns TurnsOf(DocumentContainer container) => _turns.GetOrAdd(container.Name, _ => new PartitionTurns(In(container)));

    private Container In(DocumentContainer container) => database.GetContainer(container.Name);

    // The new ETag; null where the document is not as the write wants it: there already, gone, or changed.
    private Task<string?> WriteAsync(Func<CancellationToken, Task<ResponseMessage>> write, CancellationToken cancellationToken) => CosmosCalls.RunAsync(
        _pointBudget,
        async token =>
        {
            using var response = await write(token);
            return response switch
            {
                { StatusCode: HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed } => null,
                { IsSuccessStatusCode: true } => response.Headers.ETag ?? "",
                _ when CosmosCalls.IsNotFound(response) => null,
                _ => throw CosmosCalls.Unexpected(response),
            };
        },
        cancellationToken);

    private static MemoryStream Stream(ReadOnlyMemory<byte> item) => MemoryMarshal.TryGetArray(item, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
        : new MemoryStream(item.ToArray());

    // The store's properties, then those of the body as they came.
    private static ReadOnlyMemory<byte> Item(DocumentContainer container, Document document)
    {
        _ = DocumentFields.Read(container, document);
        var item = new ArrayBufferWriter<byte>(document.Body.Length + 256);
        using (var writer = new Utf8JsonWriter(item, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, document.Id);
            writer.WriteString(container.PartitionKey, document.Partition);
            if (TimeToLive.ToSeconds(document.TimeToLive) is { } seconds)
            {
                writer.WriteNumber("ttl"u8, seconds);
            }
        }

        var members = document.Body.Span.Trim(" \t\r\n"u8)[1..].TrimStart(" \t\r\n"u8);
        if (members[0] != (byte)'}')
        {
            item.Write(","u8);
        }

        item.Write(members);
        return item.WrittenMemory;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream content, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream(content.CanSeek ? (int)content.Length : 4_096);
        await content.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
