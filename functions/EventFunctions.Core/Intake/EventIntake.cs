using System.Diagnostics;
using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Quotas;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake;

/// <summary>
/// Takes valid events in: knows their producers, records each at most once, and publishes what is new. What is accepted is
/// durable; what could not be published is left to the relay.
/// </summary>
public sealed class EventIntake(
    IEventStore store,
    IProducerRegistry producers,
    EventPreparation preparation,
    CoalescingPublisher publisher,
    TimeProvider time,
    IOptions<IntakeOptions> options,
    RetentionPolicy retention,
    ILogger<EventIntake> logger,
    EventMetrics? metrics = null,
    ProducerQuotas? quotas = null,
    RefusalLog? refusalLog = null)
{
    private const int MaxConcurrentReads = 16;

    // A batch of 500 events with a hundred errors each would make an answer of megabytes.
    private const int MaxSchemaErrors = 500;

    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private readonly IntakeOptions _options = options.Value;
    private readonly FirstPublication _publication = new(store, publisher, time, options.Value, logger);
    private long _toldAt;

    /// <summary>Takes in the events of one request. The request as a whole is refused where one of its events is.</summary>
    /// <param name="events">Valid events; a repeat within is treated as any repeat.</param>
    /// <param name="cancellationToken">Ends the call only before anything is written: what is recorded is published, too.</param>
    /// <param name="way">How they came, one of <see cref="IntakeChannel"/>; null where they were posted as events.</param>
    /// <param name="caller">Who sends them; null where nobody can tell, who may not send for a producer that names its callers.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer in time; some of the events may be recorded.</exception>
    public async Task<IntakeResult> AcceptAsync(
        IReadOnlyList<EventNotification> events, CancellationToken cancellationToken, string? way = null, IntakeCaller? caller = null)
    {
        ArgumentNullException.ThrowIfNull(events);
        var refusals = new List<IntakeRefusal>();
        var entries = new List<IntakeEntry>(events.Count);
        var now = time.GetUtcNow();

        // The service itself chooses how many events of a feed it takes in together.
        var budget = way == IntakeChannel.Feed ? null : new SchemaBudget();
        try
        {
            var senders = new Producer?[events.Count];
            for (var index = 0; index < events.Count; index++)
            {
                senders[index] = await IdentifyAsync(events[index], index, way, caller, refusals, cancellationToken);
            }

            // Before what costs time: a sender in a loop may send nonsense, too. The pull of feeds keeps to the quota by itself.
            if (refusals.Count == 0 && way != IntakeChannel.Feed && quotas?.Take(senders!) is { } excess)
            {
                return new IntakeResult([], []) { Excess = excess };
            }

            for (var index = 0; index < events.Count; index++)
            {
                if (senders[index] is not { } producer)
                {
                    continue;
                }

                if (Admit(producer, events[index], index, now, way, budget, refusals) is { } entry)
                {
                    entries.Add(entry);
                }
                else if (refusals.Exists(refusal => refusal.ExceededBudget))
                {
                    // A batch of such events would cost that much for each.
                    break;
                }
            }

            if (refusals.Count > 0)
            {
                Count(refusals);
                return new IntakeResult([], [.. refusals.OrderBy(refusal => refusal.Index)]);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var outcomes = await RecordAsync(entries);
            foreach (var (entry, outcome) in entries.Zip(outcomes))
            {
                entry.Report(outcome.Verdict, metrics);
            }

            return new IntakeResult(outcomes, []);
        }
        catch (StoreUnavailableException e)
        {
            Tell(e);
            entries.ForEach(entry => EventTracing.Fail(entry.Span, nameof(StoreUnavailableException)));
            throw;
        }
        finally
        {
            entries.ForEach(entry => entry.Span?.Dispose());
        }
    }

    // The producer is told to come again. Operators are told why, but not for each event.
    private void Tell(StoreUnavailableException trouble)
    {
        var last = Volatile.Read(ref _toldAt);
        var now = time.GetTimestamp();
        if ((last == 0 || time.GetElapsedTime(last, now) >= ToldEvery) && Interlocked.CompareExchange(ref _toldAt, now, last) == last)
        {
            logger.LogError("Events are answered with 503, since the store is not to be had: {Reason}", trouble.Message);
        }
    }

    private void Count(List<IntakeRefusal> refusals)
    {
        foreach (var refusal in refusals.DistinctBy(refusal => refusal.Index))
        {
            var reason = RefusalReasonName.Of(refusal.Reason);
            metrics?.Refused(reason);
            refusalLog?.Record($"an event ({reason})", refusal.Detail);
        }
    }

    private async ValueTask<Producer?> IdentifyAsync(
        EventNotification notification, int index, string? way, IntakeCaller? caller, List<IntakeRefusal> refusals, CancellationToken cancellationToken)
    {
        // The same for sources that exist and sources that do not: a key tells nothing of other producers.
        if (caller?.KeyOf is { } holder && holder.Source != notification.Source)
        {
            refusals.Add(new IntakeRefusal(
                index, RefusalReason.KeyNotForSource, "source", $"The key is one of the producer \"{holder.Name}\", which does not have the source \"{notification.Source}\"."));
            return null;
        }

        // Everything is decided on this one answer of the registry: a producer may change between two.
        var producer = await producers.FindBySourceAsync(notification.Source, cancellationToken);
        if (producer is null)
        {
            refusals.Add(new IntakeRefusal(
                index, RefusalReason.UnknownSource, "source", $"No producer is registered for the source \"{notification.Source}\"."));
            return null;
        }

        // Messages are verified in a way of their own.
        if (way is null && caller?.KeyOf?.Name != producer.Name && await producers.RequiresKeyAsync(producer.Name, cancellationToken))
        {
            refusals.Add(new IntakeRefusal(
                index, RefusalReason.KeyMissing, "source", $"Events of the producer \"{producer.Name}\" need one of its keys. Send it in x-producer-key."));
            return null;
        }

        // A feed is the producer's own, and read by the service itself.
        if (way != IntakeChannel.Feed && producer.Callers.Count > 0 && !(caller?.ObjectId is { } id && producer.Callers.Contains(id)))
        {
            refusals.Add(new IntakeRefusal(index, RefusalReason.CallerNotAllowed, "source", caller is { IsTold: true }
                ? $"Only its callers may post events of the producer \"{producer.Name}\"; send the token of one of them."
                : $"Only its callers may post events of the producer \"{producer.Name}\", and this host is not told who calls: App Service authentication is off."));
            return null;
        }

        if (producer.Types.Count > 0 && !producer.Types.ContainsKey(notification.Type))
        {
            refusals.Add(new IntakeRefusal(
                index, RefusalReason.TypeNotAllowed, "type", $"The producer \"{producer.Name}\" may not send the type \"{notification.Type}\"."));
            return null;
        }

        return producer;
    }

    private IntakeEntry? Admit(
        Producer producer, EventNotification notification, int index, DateTimeOffset now, string? way, SchemaBudget? budget, List<IntakeRefusal> refusals)
    {
        var span = EventTracing.Accept(notification, _publication.Topic);
        var (traceParent, traceId) = TraceOf(notification, span);
        var encoded = EventEncoder.Encode(traceParent is null ? notification : notification with { TraceParent = traceParent, TraceState = null }, run: 0);
        if (!EventEncoder.Fits(encoded))
        {
            refusals.Add(new IntakeRefusal(index, RefusalReason.TooLarge, null, string.Create(
                CultureInfo.InvariantCulture, $"The event has {encoded.Length:N0} bytes when published; Event Grid takes no more than {IEventPublisher.MaxBytes:N0}.")));
            return Refused(span, RefusalReason.TooLarge);
        }

        var prepared = preparation.Prepare(producer, notification, budget);
        if (prepared.Errors.Count > 0)
        {
            refusals.AddRange(prepared.Errors
                .Where((error, at) => error.ExceededBudget || refusals.Count + at < MaxSchemaErrors)
                .Select(error => new IntakeRefusal(index, RefusalReason.SchemaViolation, "data" + error.Pointer, error.Detail) { ExceededBudget = error.ExceededBudget })
                .ToList());
            return Refused(span, RefusalReason.SchemaViolation);
        }

        var began = new TimelineEntry(now, TimelineStep.Recorded)
        {
            TraceParent = traceParent,
            TraceId = traceId,
            Detail = Told(way, prepared.NoEntity),
        };
        return new IntakeEntry(CreateRecord(notification, producer, prepared, began), encoded, span);
    }

    private static IntakeEntry? Refused(Activity? span, RefusalReason reason)
    {
        EventTracing.Fail(span, RefusalReasonName.Of(reason));
        span?.Dispose();
        return null;
    }

    private EventRecord CreateRecord(EventNotification notification, Producer producer, PreparedEvent prepared, TimelineEntry began)
    {
        var record = new EventRecord
        {
            Event = notification,
            Producer = producer.Name,
            Entity = prepared.Entity,
            Fingerprint = Fingerprint.Of(notification),
            RecordedAt = began.At,
            Status = EventStatus.Recorded,
            RelayAt = began.At + _options.FirstRelayAfter,
            Timeline = [began],
        };
        return prepared.FilteredBy is not { } rule ? record : record with
        {
            Status = EventStatus.Filtered,
            Reason = rule,
            RelayAt = null,
            TimeToLive = retention.RecordTimeToLiveOf(producer),
            Timeline = [began, new TimelineEntry(began.At, TimelineStep.Filtered) { TraceId = began.TraceId, Detail = $"Does not pass {rule}." }],
        };
    }

    private static string? Told(string? way, string? noEntity) => way is null || noEntity is null ? way ?? noEntity : $"{way}: {noEntity}";

    // Whoever follows the event finds the request that brought it, unless the producer has a trace of its own, which stays as
    // it is. The tracestate that came with the request is of the systems on the way here, and ends with it.
    private static (string? TraceParent, string? TraceId) TraceOf(EventNotification notification, Activity? span)
    {
        var current = span ?? Activity.Current;
        var traceId = current?.TraceId.ToHexString();
        return notification.TraceParent is null && current is { IdFormat: ActivityIdFormat.W3C } ? (current.Id, traceId) : (null, traceId);
    }

    private async Task<IntakeOutcome[]> RecordAsync(List<IntakeEntry> entries)
    {
        // From here on the request's own cancellation counts no more: a half-finished event would wait for the relay.
        using var storeBudget = new CancellationTokenSource(_options.StoreBudget, time);
        var firsts = entries.Count == 1 ? entries : entries.DistinctBy(entry => entry.Record.Key).ToList();
        var created = await CreateAsync(firsts, storeBudget.Token);
        for (var i = 0; i < firsts.Count; i++)
        {
            firsts[i].IsNew = created[i];
        }

        var publishing = Task.WhenAll(firsts.Where(entry => entry.IsNew && entry.IsPublished).Select(_publication.PublishAsync));
        try
        {
            return await SettleAsync(entries, storeBudget.Token);
        }
        finally
        {
            await publishing;
        }
    }

    private async Task<IntakeOutcome[]> SettleAsync(List<IntakeEntry> entries, CancellationToken storeBudget)
    {
        var outcomes = new IntakeOutcome[entries.Count];
        var taken = new List<int>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].IsNew)
            {
                outcomes[i] = new IntakeOutcome(entries[i].Record.Key, IntakeVerdict.Accepted, entries[i].Record.Status);
            }
            else
            {
                taken.Add(i);
            }
        }

        if (taken.Count > 0)
        {
            await Parallel.ForEachAsync(
                taken,
                new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrentReads, CancellationToken = CancellationToken.None },
                async (i, _) => outcomes[i] = await SettleTakenAsync(entries[i], storeBudget));
        }

        return outcomes;
    }

    // The key is taken: by the same event, by another, or by one that has expired since.
    private async Task<IntakeOutcome> SettleTakenAsync(IntakeEntry entry, CancellationToken storeBudget)
    {
        var key = entry.Record.Key;
        var existing = await InBudgetAsync(store.ReadAsync(key, storeBudget), storeBudget);
        if (existing is not null)
        {
            var isRepeat = existing.Fingerprint == entry.Record.Fingerprint;
            return new IntakeOutcome(key, isRepeat ? IntakeVerdict.Duplicate : IntakeVerdict.Conflict, existing.Status);
        }

        if (!(await CreateAsync([entry], storeBudget))[0])
        {
            throw new StoreUnavailableException("The store has a record that cannot be read.");
        }

        if (entry.IsPublished)
        {
            await _publication.PublishAsync(entry);
        }

        return new IntakeOutcome(key, IntakeVerdict.Accepted, entry.Record.Status);
    }

    private Task<IReadOnlyList<bool>> CreateAsync(List<IntakeEntry> entries, CancellationToken storeBudget) =>
        entries.Count == 0
            ? Task.FromResult<IReadOnlyList<bool>>([])
            : InBudgetAsync(store.CreateAsync(entries.ConvertAll(entry => entry.Record), storeBudget), storeBudget);

    private async Task<T> InBudgetAsync<T>(Task<T> call, CancellationToken storeBudget)
    {
        try
        {
            return await call.WaitAsync(storeBudget);
        }
        catch (OperationCanceledException e) when (storeBudget.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"The store did not answer within {_options.StoreBudget}.", e);
        }
    }
}
