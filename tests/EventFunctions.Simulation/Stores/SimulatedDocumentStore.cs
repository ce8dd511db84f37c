using EventFunctions.Simulation.World;
using EventFunctions.Storage;

namespace EventFunctions.Simulation.Stores;

/// <summary>The store of documents as one instance reaches it. A client library that repeats a write meets its own doing.</summary>
internal sealed class SimulatedDocumentStore(MemoryDocumentStore store, Network network, Faults faults, Instance caller) : IDocumentStore
{
    private static ReadOnlySpan<byte> Member => "{\"later\":{\"of\":[1]},"u8;

    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken)
    {
        var isStale = false;
        return CallAsync(
            "read document",
            container,
            partition + "/" + id,
            () => faults.Strike(FaultKind.Stale) ? store.ReadStale(container, partition, id, SimulatedEventStore.StaleFor, out isStale) : Now(store.ReadAsync(container, partition, id, default)),
            found => (found?.ETag ?? "none") + (isStale ? ", stale" : ""),
            cancellationToken);
    }

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) => CallAsync(
        "create document", container, document.Partition + "/" + document.Id, () => Now(store.CreateAsync(container, Of(document), default)), etag => etag ?? "taken", cancellationToken, static () => null);

    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken) => CallAsync(
        "replace document", container, document.Partition + "/" + document.Id, () => Now(store.ReplaceAsync(container, Of(document), etag, default)), next => next ?? "changed", cancellationToken, static () => null);

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) => CallAsync(
        "upsert document",
        container,
        document.Partition + "/" + document.Id,
        () =>
        {
            store.UpsertAsync(container, Of(document), default).GetAwaiter().GetResult();
            return true;
        },
        static _ => "",
        cancellationToken);

    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) => CallAsync(
        "delete document", container, partition + "/" + id, () => Now(store.DeleteAsync(container, partition, id, etag, default)), static gone => gone ? "true" : "false", cancellationToken, static () => false);

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        DocumentFields.Check(query);
        return CallAsync(
            "query documents",
            query.Container,
            query.Partition ?? "",
            () => faults.Strike(FaultKind.StaleQuery) ? store.QueryStale(query, SimulatedEventStore.StaleFor) : Now(store.QueryAsync(query, default)),
            static page => string.Join(' ', page.Items.Select(item => item.Id)),
            cancellationToken);
    }

    // The next version writes a member that this one does not know.
    private Document Of(Document document) => caller.IsNewer && document.Body.Span is [(byte)'{', (byte)'"', ..]
        ? document with { Body = (byte[])[.. Member, .. document.Body.Span[1..]] }
        : document;

    private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private T As<T>(Func<T> effect)
    {
        store.Caller = caller.Name;
        return effect();
    }

    private Task<T> CallAsync<T>(
        string operation, DocumentContainer container, string about, Func<T> effect, Func<T, string> describe, CancellationToken cancellationToken, Func<T>? repeat = null) =>
        network.CallAsync(caller, "store", operation, container.Name + " " + about, () => As(effect), describe, static message => new StoreUnavailableException(message), cancellationToken, repeat);
}
