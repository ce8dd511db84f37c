using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake.Refusals;

/// <summary>
/// Keeps which events of feeds and of Event Grid's subscriptions were refused, and why, for as long as the settings say. The same event is
/// kept once, however often it comes.
/// </summary>
public sealed class EventRefusals(IDocumentStore store, TimeProvider time, IOptions<IntakeOptions> options, RefusalLog log)
{
    /// <summary>The most bytes of an event that are kept with its refusal; of a larger one only the errors are.</summary>
    public const int MaxEventBytes = 65_536;

    private const int MaxErrors = 50;
    private const int MaxConcurrentWrites = 8;
    private const int PageSize = 100;
    private const int HashBytes = 16;
    private const string OrderField = "refusedAt";

    private readonly RefusalLimit _limit = new(time);

    /// <summary>Lists refusals, newest first.</summary>
    /// <param name="producer">The producer's name; null for the refusals of all, and of events whose source belongs to no producer.</param>
    /// <param name="limit">The most refusals of the page, 1 to 1,000.</param>
    /// <param name="continuation">The store's own continuation of the page before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one that the store gave.</exception>
    public Task<DocumentPage> ListAsync(string? producer, int limit, string? continuation, CancellationToken cancellationToken) =>
        store.QueryAsync(
            new DocumentQuery(DocumentContainer.State)
            {
                Partition = producer is null ? null : PartitionOf(producer),
                OrderBy = OrderField,
                Descending = true,
                Limit = limit,
                Continuation = continuation,
            },
            cancellationToken);

    /// <summary>Records refusals, as many of each producer as an hour allows; the others are only logged.</summary>
    /// <param name="refused">The events, and what is wrong with them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The others.</returns>
    internal async Task<IReadOnlyList<RefusedItem>> RecordAsync(IReadOnlyCollection<RefusedItem> refused, CancellationToken cancellationToken)
    {
        var kept = new List<RefusedItem>();
        var others = new List<RefusedItem>();
        foreach (var list in refused.GroupBy(one => PartitionOf(one.Producer)))
        {
            var room = _limit.Take(list.Key, list.Count());
            kept.AddRange(list.Take(room));
            others.AddRange(list.Skip(room));
        }

        await Parallel.ForEachAsync(
            kept,
            BackgroundTask.InParallel(MaxConcurrentWrites, cancellationToken),
            async (one, token) => await store.CreateAsync(DocumentContainer.State, DocumentOf(one), token));
        foreach (var (item, producer, errors, _) in others)
        {
            var owner = producer is null ? "an unknown source" : $"the producer \"{producer}\"";
            log.Record("an event that is not in the list of refusals, which is full for this hour", $"The event \"{item.Id}\" of {owner}: {errors[0].Detail}");
        }

        return others;
    }

    /// <summary>
    /// Erases the refused events of an entity: their text, and the errors, which may quote it. The fact of the refusal stays. Text that is
    /// not an event has no known entity; it expires at the end of its retention.
    /// </summary>
    /// <param name="producer">The producer.</param>
    /// <param name="entity">The entity.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    internal async Task EraseAsync(Producer producer, EntityKey entity, CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await ListAsync(producer.Name, PageSize, continuation, cancellationToken);
            foreach (var refusal in page.Items)
            {
                if (RefusalErasure.Of(refusal, producer, entity, time.GetUtcNow()) is { } erased)
                {
                    // Changed meanwhile means erased: nothing else ever happens to a refusal.
                    await store.ReplaceAsync(DocumentContainer.State, erased, refusal.ETag, cancellationToken);
                }
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private static string PartitionOf(string? producer) => "refusal-" + producer;

    private Document DocumentOf(RefusedItem refused)
    {
        var (item, producer, errors, _) = refused;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(item.Json.Span, hash);
        var now = time.GetUtcNow();
        var timeToLive = options.Value.RefusalTimeToLive;
        var body = JsonObjectBytes.Write(writer =>
        {
            CloudEventJson.WriteOptional(writer, "producer"u8, producer);
            CloudEventJson.WriteOptional(writer, "eventId"u8, item.Id);
            writer.WriteString(OrderField, UtcMilliseconds.Text(now));
            writer.WriteString("expiresAt"u8, UtcMilliseconds.Text(now + timeToLive));
            writer.WriteStartArray("errors"u8);
            foreach (var error in errors.Take(MaxErrors))
            {
                writer.WriteStartObject();
                writer.WriteString("pointer"u8, error.Pointer);
                writer.WriteString("detail"u8, error.Detail);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (item.Json.Length <= MaxEventBytes)
            {
                writer.WriteString("event"u8, Encoding.UTF8.GetString(item.Json.Span));
            }
        });

        return new Document(PartitionOf(producer), Base64Url.EncodeToString(hash[..HashBytes]), body) { TimeToLive = timeToLive };
    }
}
