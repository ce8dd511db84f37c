using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Options;

namespace EventFunctions.Enrichment;

/// <summary>Fetches the producer's full data, checks it, compares it with the entity's before, and freezes it.</summary>
public sealed class FullDataFetch(
    IEventStore store, EntityLinks links, IProducerClient client, JsonSchemas schemas, TimeProvider time, IOptions<EnrichmentOptions> options,
    IOptions<RegistryOptions> registry)
{
    // A reload may read a late replica, or fail once.
    private const int ReloadsUntilSeen = 2;

    private const int MaxShownErrors = 5;
    private const int MaxShownLength = 600;

    /// <summary>Fetches and freezes the data of an attempt's run; what another attempt has frozen first is the run's.</summary>
    /// <exception cref="FetchException">There is no data to be had.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer.</exception>
    internal async Task<FullData> FetchAsync(Producer? producer, EnrichmentAttempt attempt, CancellationToken cancellationToken)
    {
        var delivered = attempt.Delivered;
        if (producer is null)
        {
            // The producer may have been registered just before the run began, on another instance.
            var isCertain = attempt.Record is { } record
                && time.GetUtcNow() - record.BegunAt(attempt.Run) >= registry.Value.ReloadEvery * ReloadsUntilSeen;
            throw new FetchException(FailureReason.UnknownProducer, isCertain, $"No producer is registered for \"{delivered.Source}\".");
        }

        if (attempt.OwnData is { } own)
        {
            CheckSchema(producer, delivered.Type, own.Content);
            return own;
        }

        var (url, contentType, etag, content) = DataLocation.Find(producer, delivered) is { } place
            ? await FetchAsync(producer, place, cancellationToken)
            : OwnDataOf(attempt);
        CheckSchema(producer, delivered.Type, content);
        var previous = producer.Types.GetValueOrDefault(delivered.Type) is { Changes: true }
            ? await EntityHistory.CompareAsync(links, store, attempt.ReadRecord, content, cancellationToken)
            : null;
        var data = new FullData
        {
            Key = delivered.Key,
            Run = delivered.Run,
            Type = delivered.Type,
            Subject = delivered.Subject,
            TraceParent = attempt.TraceParent,
            TraceState = attempt.TraceState,
            FetchedAt = attempt.FetchedAt(time.GetUtcNow()),
            Url = url,
            ContentType = contentType,
            ETag = etag,
            Content = content,
            Previous = previous,
            TimeToLive = options.Value.Retention.DataTimeToLiveOf(producer),
        };
        while (!await store.CreateDataAsync(data, cancellationToken))
        {
            var found = await store.ReadDataAsync(delivered.Key, delivered.Run, cancellationToken)
                ?? throw new StoreUnavailableException("The run's data exists, but cannot be read yet.");
            if (attempt.Owns(found))
            {
                // Another attempt was first, and what it fetched may differ: its data is the run's data.
                return found;
            }

            if (await store.ReplaceOldDataAsync(data, attempt.ReadRecord.DataSince, cancellationToken))
            {
                break;
            }
        }

        return data;
    }

    private async Task<Found> FetchAsync(Producer producer, Uri place, CancellationToken cancellationToken)
    {
        using var span = EventTracing.Fetch(producer.Name);
        try
        {
            var fetched = await client.FetchAsync(producer, place, cancellationToken);
            return new(fetched.Url.AbsoluteUri, fetched.ContentType, fetched.ETag, DataContent.Of(fetched.ContentType, fetched.Body));
        }
        catch (Exception e)
        {
            EventTracing.Fail(span, e is FetchException { Reason: var reason } ? reason : e.GetType().Name);
            throw;
        }
    }

    // From the record, since a delivery does not hold it.
    private static Found OwnDataOf(EnrichmentAttempt attempt)
    {
        var record = attempt.ReadRecord;
        return record.Event.Data is { } data
            ? new("", record.Event.DataContentType ?? FullData.ContentTypeOf(data), null, data)
            : throw new FetchException(
                FailureReason.NoDataLocation, permanent: true, "The event has neither data nor a dataref, and its producer has no template for the data's URL.");
    }

    private sealed record Found(string Url, string? ContentType, string? ETag, EventContent Content);

    private void CheckSchema(Producer producer, string type, EventContent content)
    {
        if (!producer.Types.TryGetValue(type, out var rules) || rules.DataSchema is not { } schema)
        {
            return;
        }

        var errors = schemas.Validate(schema, content);
        if (errors.Count > 0)
        {
            // Places and rules only: what the producer sent is not for the timeline, which outlives an erasure.
            var shown = string.Join(" ", errors.Take(MaxShownErrors).Select(error => $"#{error.Place}: {error.Detail}"));
            var more = errors.Count > MaxShownErrors ? " There are more." : "";
            throw new FetchException(
                FailureReason.SchemaViolation,
                permanent: true,
                $"The full data does not match the type's schema. {(shown.Length > MaxShownLength ? shown[..MaxShownLength] + "…" : shown)}{more}");
        }
    }
}
