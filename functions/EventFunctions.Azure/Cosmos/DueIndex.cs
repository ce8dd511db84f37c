using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Names the records that are known to be due soon, such as those whose publication failed, in documents of one partition, so that they
/// are found without asking every physical partition of the events. It is a help and no promise: other due records are
/// found by going through the partitions in turn. With one partition it names no records, because the turn finds all of them.
/// </summary>
/// <param name="documents">Where the documents are.</param>
/// <param name="partitions">The physical partitions of the events.</param>
/// <param name="time">The clock.</param>
internal sealed class DueIndex(IDocumentStore documents, PartitionTurns partitions, TimeProvider time)
{
    /// <summary>
    /// How many records an instance names in a minute. For all others that are due in the same minute one document stands, and then all
    /// partitions are asked.
    /// </summary>
    public const int MaxPerMinute = 100;

    private const string Partition = "due";
    private const int MaxBucket = 1_000;
    private const int HashBytes = 16;

    // What is due later, because Event Grid delivers it, can wait for its turn.
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimeToLive = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly HashSet<long> _crowded = [];
    private long _minute;
    private int _named;

    /// <summary>Names a record that is due at a time.</summary>
    /// <param name="key">The record.</param>
    /// <param name="dueAt">When it is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task AddAsync(EventKey key, DateTimeOffset dueAt, CancellationToken cancellationToken)
    {
        try
        {
            if (dueAt - time.GetUtcNow() > Horizon || (await partitions.ListAsync(cancellationToken)).Count == 1)
            {
                return;
            }

            // At the end of its minute, all of them are due.
            var dueMinute = dueAt.UtcTicks / TimeSpan.TicksPerMinute;
            await (Name(dueMinute) switch
            {
                Naming.One => WriteAsync(IdOf(key), new DueRecord(UtcMilliseconds.Text(dueAt), key.Source, key.Id), cancellationToken),
                Naming.Many => WriteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"many-{dueMinute}"),
                    new DueRecord(UtcMilliseconds.Text(new DateTimeOffset((dueMinute + 1) * TimeSpan.TicksPerMinute, TimeSpan.Zero)), null, null),
                    cancellationToken),
                _ => Task.CompletedTask,
            });
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // Its partition's turn finds it.
        }
    }

    /// <summary>Returns the due records, longest due first.</summary>
    /// <param name="now">The time now.</param>
    /// <param name="limit">The most records.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<NamedRecord>> ReadAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery(DocumentContainer.State)
        {
            Partition = Partition,
            OrderBy = "dueAt",
            To = UtcMilliseconds.Text(now.AddMilliseconds(1)),
            Limit = Math.Min(limit, MaxBucket),
        };
        var page = await documents.QueryAsync(query, cancellationToken);
        return [.. page.Items.Select(found => JsonSerializer.Deserialize(found.Body.Span, DueJson.Default.DueRecord) is { Source: { } source, EventId: { } id }
            ? new NamedRecord(new EventKey(source, id), found)
            : new NamedRecord(null, found))];
    }

    /// <summary>Forgets a record that is no longer due, unless it was named again meanwhile.</summary>
    /// <param name="named">The record.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task RemoveAsync(NamedRecord named, CancellationToken cancellationToken) =>
        documents.DeleteAsync(DocumentContainer.State, Partition, named.Document.Id, named.Document.ETag, cancellationToken);

    private static string IdOf(EventKey key) =>
        "event-" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{key.SourceHash}\n{key.Id}")).AsSpan(0, HashBytes));

    private Task WriteAsync(string id, DueRecord record, CancellationToken cancellationToken) => documents.UpsertAsync(
        DocumentContainer.State,
        new Document(Partition, id, JsonSerializer.SerializeToUtf8Bytes(record, DueJson.Default.DueRecord)) { TimeToLive = TimeToLive },
        cancellationToken);

    private Naming Name(long dueMinute)
    {
        lock (_lock)
        {
            if (time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute is var minute && minute != _minute)
            {
                (_minute, _named) = (minute, 0);
                _crowded.Clear();
            }

            return _named++ < MaxPerMinute ? Naming.One : _crowded.Add(dueMinute) ? Naming.Many : Naming.None;
        }
    }

    private enum Naming
    {
        None,
        One,
        Many,
    }
}

/// <summary>A record that the index names.</summary>
/// <param name="Key">The record; null stands for many.</param>
/// <param name="Document">The document that names it.</param>
internal sealed record NamedRecord(EventKey? Key, StoredDocument Document);

/// <summary>The document.</summary>
/// <param name="DueAt">When the record is due.</param>
/// <param name="Source">The event's source; null stands for many events.</param>
/// <param name="EventId">The event's ID.</param>
internal sealed record DueRecord(string DueAt, string? Source, string? EventId);

/// <summary>The contract of the document, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DueRecord))]
internal sealed partial class DueJson : JsonSerializerContext;
