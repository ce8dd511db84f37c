using System.Globalization;
using EventFunctions.Storage;

namespace EventFunctions.Simulation.Stores;

/// <summary>The simulated store of documents: the rules of <see cref="IDocumentStore"/> in memory, answered at once and without faults.</summary>
internal sealed class MemoryDocumentStore(TimeProvider time) : IDocumentStore
{
    private const int MaxPageBytes = 4 * 1024 * 1024;

    private readonly MemoryCalls _calls = new();
    private readonly Dictionary<string, SortedDictionary<(string Partition, string Id), Item>> _containers = new(StringComparer.Ordinal);
    private long _etag;

    /// <summary>Which instance calls. It never reads what is older than what it has seen, or what has refused a write of it.</summary>
    public string Caller { get; set; } = "";

    /// <summary>Is called with each document that was written.</summary>
    public Action<DocumentContainer, Document>? Written { get; set; }

    /// <summary>How many documents there are.</summary>
    public int Count => _containers.Values.Sum(container => container.Values.Count(IsThere));

    /// <summary>The earliest <c>dueAt</c> of a container's documents; null if none is due ever. Of the states, jobs alone have work that is due.</summary>
    public string? NextDue(DocumentContainer container)
    {
        var field = container.Indexed.IndexOf("dueAt");
        return Of(container).Values
            .Where(item => IsThere(item) && (container != DocumentContainer.State || item.Document.Partition == Jobs.EventJobs.Partition))
            .Select(item => item.Fields[field]).OfType<string>().Min(StringComparer.Ordinal);
    }

    /// <summary>All documents of a container that have not expired.</summary>
    public IEnumerable<StoredDocument> All(DocumentContainer container) => Of(container).Where(one => IsThere(one.Value)).Select(one => Stored(one.Key, one.Value));

    public Task<StoredDocument?> ReadAsync(DocumentContainer container, string partition, string id, CancellationToken cancellationToken) =>
        _calls.DoAsync(() => See(Find(container, partition, id)) is { } item ? Stored((partition, id), item) : null, cancellationToken);

    public Task<string?> CreateAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) => _calls.DoAsync(() =>
    {
        var fields = DocumentFields.Read(container, document);
        return See(Find(container, document.Partition, document.Id)) is null ? Write(container, document, fields, null) : null;
    }, cancellationToken);

    public Task<string?> ReplaceAsync(DocumentContainer container, Document document, string etag, CancellationToken cancellationToken) => _calls.DoAsync(() =>
    {
        var fields = DocumentFields.Read(container, document);
        return See(Find(container, document.Partition, document.Id)) is { } item && item.ETag == etag ? Write(container, document, fields, item) : null;
    }, cancellationToken);

    public Task UpsertAsync(DocumentContainer container, Document document, CancellationToken cancellationToken) => _calls.DoAsync(
        () => Write(container, document, DocumentFields.Read(container, document), Find(container, document.Partition, document.Id)), cancellationToken);

    public Task<bool> DeleteAsync(DocumentContainer container, string partition, string id, string? etag, CancellationToken cancellationToken) => _calls.DoAsync(
        () => See(Find(container, partition, id)) is { } item && (etag is null || item.ETag == etag) && Of(container).Remove((partition, id)), cancellationToken);

    public Task<DocumentPage> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => _calls.DoAsync(() => Query(query, TimeSpan.Zero), cancellationToken);

    /// <summary>Answers a query without what other instances wrote a moment ago, as a replica that lags.</summary>
    public DocumentPage QueryStale(DocumentQuery query, TimeSpan within) => Query(query, within);

    private DocumentPage Query(DocumentQuery query, TimeSpan lag)
    {
        DocumentFields.Check(query);
        var order = query.OrderBy is { } name ? query.Container.Indexed.IndexOf(name) : -1;
        var equal = query.Equal.Select(one => (Field: query.Container.Indexed.IndexOf(one.Key), one.Value)).ToList();
        var found = new List<(Place Place, Item Item)>();
        foreach (var (key, newest) in Of(query.Container))
        {
            if ((IsHidden(newest, lag) ? newest.Before : newest) is not { } item)
            {
                continue;
            }

            var value = order < 0 ? "" : item.Fields[order];
            if (IsThere(item) && value is not null && (query.Partition is null || query.Partition == key.Partition)
                && equal.TrueForAll(one => item.Fields[one.Field] == one.Value)
                && (query.From is null || string.CompareOrdinal(value, query.From) >= 0) && (query.To is null || string.CompareOrdinal(value, query.To) < 0))
            {
                found.Add((new Place(value, key.Id, key.Partition), item));
            }
        }

        var sign = query.Descending ? -1 : 1;
        found.Sort((one, other) => sign * one.Place.CompareTo(other.Place));
        if (DocumentPosition.Of(query) is { } position)
        {
            var after = new Place(position.Value ?? "", position.Id, position.Partition);
            found.RemoveAll(one => sign * one.Place.CompareTo(after) <= 0);
        }

        var (page, bytes) = (new List<StoredDocument>(), 0L);
        foreach (var (place, item) in found)
        {
            bytes += item.Document.Body.Length;
            if (page.Count == query.Limit || (page.Count > 0 && bytes > MaxPageBytes))
            {
                var (value, id, partition) = found[page.Count - 1].Place;
                return new DocumentPage(page, new DocumentPosition(order < 0 ? null : value, id, partition).ToString());
            }

            page.Add(Stored((place.Partition, place.Id), See(item)!));
        }

        return new DocumentPage(page, null);
    }

    private bool IsHidden(Item item, TimeSpan lag) => lag > TimeSpan.Zero && !item.SeenBy.Contains(Caller) && time.GetUtcNow() - item.WrittenAt <= lag;

    /// <summary>Returns the document as it was before its last write, if that was a moment ago: what a stale replica answers.</summary>
    public StoredDocument? ReadStale(DocumentContainer container, string partition, string id, TimeSpan within, out bool isStale)
    {
        var item = Find(container, partition, id);
        isStale = item is not null && IsHidden(item, within);
        return (isStale ? item!.Before : See(item)) is { } found ? Stored((partition, id), found) : null;
    }

    private static StoredDocument Stored((string Partition, string Id) key, Item item) => new(key.Partition, key.Id, item.Document.Body, item.ETag);

    private string Write(DocumentContainer container, Document document, string?[] fields, Item? before)
    {
        var etag = "e" + (++_etag).ToString(CultureInfo.InvariantCulture);
        var kept = document with { Body = document.Body.ToArray() };
        Of(container)[(document.Partition, document.Id)] = new Item(kept, fields, etag, before is null ? null : before with { Before = null }, time.GetUtcNow());
        See(Of(container)[(document.Partition, document.Id)]);
        Written?.Invoke(container, kept);
        return etag;
    }

    private SortedDictionary<(string Partition, string Id), Item> Of(DocumentContainer container)
    {
        if (!_containers.TryGetValue(container.Name, out var documents))
        {
            _containers[container.Name] = documents = new(Comparer<(string Partition, string Id)>.Create(static (one, other) =>
                string.CompareOrdinal(one.Partition, other.Partition) is var order and not 0 ? order : string.CompareOrdinal(one.Id, other.Id)));
        }

        return documents;
    }

    private bool IsThere(Item item) => item.Document.TimeToLive is not { } lives || time.GetUtcNow() < item.WrittenAt + lives;

    private Item? See(Item? item)
    {
        item?.SeenBy.Add(Caller);
        return item;
    }

    private Item? Find(DocumentContainer container, string partition, string id) =>
        Of(container).TryGetValue((partition, id), out var item) && IsThere(item) ? item : null;

    private sealed record Item(Document Document, string?[] Fields, string ETag, Item? Before, DateTimeOffset WrittenAt)
    {
        public HashSet<string> SeenBy { get; } = [];
    }

    private readonly record struct Place(string Value, string Id, string Partition) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            string.CompareOrdinal(Value, other.Value) is var byValue and not 0 ? byValue
            : string.CompareOrdinal(Id, other.Id) is var byId and not 0 ? byId
            : string.CompareOrdinal(Partition, other.Partition);
    }
}
