using System.Text.Json;
using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Publication.DeadLetters;

/// <summary>
/// Records events that Event Grid could not deliver. Dead letters of the enrichment's subscription end their run; those of a consumer only
/// add an entry to the timeline of their event. Reading the same blob again changes nothing.
/// </summary>
public sealed class DeadLetterRecorder(
    IEventStore store,
    EntityLinks links,
    IProducerRegistry producers,
    RetentionPolicy retention,
    IDeadLetterStore blobs,
    FailureNotices failures,
    ILogger<DeadLetterRecorder> logger)
{
    /// <summary>The subscription whose letters change a record's status.</summary>
    public const string EnrichmentSubscription = "enrichment";

    /// <summary>The most bytes of a blob that are read; Event Grid takes no event of more than 1 MB.</summary>
    public const int MaxBlobBytes = 64 * 1024 * 1024;

    private const string BlobCreatedType = "Microsoft.Storage.BlobCreated";
    private const int MaxConcurrency = 16;

    /// <summary>Records the dead letters of a blob. If this completes, Event Grid does not deliver the notification again.</summary>
    /// <param name="type">The CloudEvents <c>type</c> of the storage account's event.</param>
    /// <param name="data">The event's data in JSON: its <c>url</c> names the blob. Whoever can send events chooses it freely.</param>
    /// <param name="cancellationToken">Ends the work; Event Grid tells of the blob again.</param>
    /// <exception cref="StoreUnavailableException">Not all could be recorded; the blob has to be read again.</exception>
    /// <exception cref="DeadLettersUnavailableException">The blob cannot be read now.</exception>
    public async Task RecordAsync(string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (type != BlobCreatedType || UrlOf(data) is not { } url || blobs.Locate(url) is not { } blob)
        {
            logger.LogWarning(
                "Ignoring an event of type {Type}: it does not name a blob in a dead-letter container of this service.", type);
            return;
        }

        await using var content = await blobs.OpenAsync(blob, cancellationToken);
        if (content is null)
        {
            logger.LogWarning("The blob {Name} in {Container} was deleted. Its dead letters are not recorded.", blob.Name, blob.Container);
            return;
        }

        await RecordAsync(blob, content, cancellationToken);
    }

    private async Task RecordAsync(DeadLetterBlob blob, Stream content, CancellationToken cancellationToken)
    {
        var reader = new DeadLetterReader(content, MaxBlobBytes);
        var (recorded, unknown) = (0, 0);
        await Parallel.ForEachAsync(
            reader.ReadAsync(cancellationToken),
            BackgroundTask.InParallel(MaxConcurrency, cancellationToken),
            async (letter, cancellation) =>
            {
                var outcome = letter is null ? PatchOutcome.NotFound : await RecordAsync(blob, letter, cancellation);
                if (outcome == PatchOutcome.NotFound)
                {
                    Interlocked.Increment(ref unknown);
                }
                else if (outcome == PatchOutcome.Applied)
                {
                    Interlocked.Increment(ref recorded);
                }
            });
        logger.LogInformation("Recorded {Count} dead letters of the subscription {Subscription}.", recorded, blob.Subscription);
        if (unknown > 0)
        {
            logger.LogWarning(
                "Ignoring {Count} dead letters in the blob {Name} in {Container}: they have no record. It expired, or another service published them.",
                unknown,
                blob.Name,
                blob.Container);
        }

        if (reader.Problem is { } problem)
        {
            // Another reading would meet the same; the blob stays where it is.
            logger.LogError("Could not read all of the blob {Name} in {Container}. {Problem}", blob.Name, blob.Container, problem);
        }
    }

    private async Task<PatchOutcome> RecordAsync(DeadLetterBlob blob, DeadLetter letter, CancellationToken cancellationToken)
    {
        var patch = PatchFor(blob, letter);
        try
        {
            var outcome = await store.PatchAsync(letter.Key, patch, cancellationToken);
            if (outcome == PatchOutcome.Applied && !patch.IsNote)
            {
                failures.FailedForGood(letter.Key, "deadLettered", letter.Detail);
            }

            if (outcome != PatchOutcome.NotFound && !patch.IsNote && await store.ReadAsync(letter.Key, cancellationToken) is { Status: EventStatus.DeadLettered } record)
            {
                var timeToLive = retention.RecordTimeToLiveOf(await producers.FindOwnerAsync(record.Producer, letter.Key.Source, cancellationToken));
                await links.WriteAsync(record, null, timeToLive, cancellationToken);
            }

            return outcome;
        }
        catch (Exception e) when (e is not (StoreUnavailableException or OperationCanceledException))
        {
            // One letter that the store will never take must not keep the others from being recorded.
            logger.LogError(e, "Cannot record the dead letter of event {Id} of {Source}.", letter.Key.Id, letter.Key.Source);
            return PatchOutcome.NotFound;
        }
    }

    private static RecordPatch PatchFor(DeadLetterBlob blob, DeadLetter letter)
    {
        // The letter's own time and not this moment's, so that whoever reads it again writes the same.
        var entry = new TimelineEntry(letter.At, TimelineStep.DeadLettered, letter.Run)
        {
            Detail = letter.Detail,
            Attempt = letter.Attempts,
            TraceId = letter.TraceId,
        };
        return blob.Subscription == EnrichmentSubscription && !letter.IsEnriched
            // No attempt of the function may ever have begun, so that its webhooks have not heard of the event.
            ? RecordPatch.DeadLettered(letter.Run, letter.Reason, entry).Leaving(EventParts.Thin, letter.At)
            : RecordPatch.EntryRecorded(entry with
            {
                What = TimelineStep.ConsumerDeadLettered,
                Detail = $"{blob.Subscription}{(letter.IsEnriched ? ", enriched event" : "")}: {letter.Detail}",
            });
    }

    private static Uri? UrlOf(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var json = JsonDocument.Parse(data);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("url"u8, out var url)
                && url.ValueKind == JsonValueKind.String
                && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var parsed)
                ? parsed
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
