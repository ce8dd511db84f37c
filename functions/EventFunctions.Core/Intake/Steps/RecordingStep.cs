using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Telemetry.Health;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake.Steps;

/// <summary>Records each event at most once, and finds out what a repeat repeats.</summary>
public sealed class RecordingStep(IEventStore store, IOptions<IntakeOptions> options, RetentionPolicy retention, StoreHealth health) : IIntakeStep
{
    private const int MaxConcurrentReads = 16;
    private const int MaxShownIrregularities = 5;

    private readonly IntakeOptions _options = options.Value;

    async Task IIntakeStep.RunAsync(IReadOnlyList<IntakeItem> items, CancellationToken budget)
    {
        var firsts = items.Count == 1 ? items : items.DistinctBy(item => item.Record!.Key).ToList();
        await CreateAsync(firsts, budget);
        foreach (var item in firsts.Where(item => item.IsNew))
        {
            item.Accept();
        }

        if (items.Where(item => !item.IsNew).ToList() is { Count: > 0 } taken)
        {
            await Parallel.ForEachAsync(
                taken,
                BackgroundTask.InParallel(MaxConcurrentReads, CancellationToken.None),
                (item, _) => ResolveAsync(item, budget));
        }
    }

    /// <summary>Creates the record of an accepted event.</summary>
    internal EventRecord RecordOf(IntakeItem item, IntakeChannel channel, DateTimeOffset now)
    {
        var (producer, prepared) = (item.Producer!, item.Prepared!);
        var began = new TimelineEntry(now, TimelineStep.Recorded)
        {
            TraceParent = item.TraceParent,
            TraceId = item.TraceId,
            Detail = RecordedDetail(channel, item.Remark, prepared.NoEntity),
        };
        TimelineEntry[] entries = Irregularities.Of(item.Event) is { Count: > 0 } irregular
            ? [began, new TimelineEntry(now, TimelineStep.Irregular) { TraceId = item.TraceId, Detail = DetailOf(irregular) }]
            : [began];
        var record = new EventRecord
        {
            Event = item.Event,
            Producer = producer.Name,
            Entity = prepared.Entity,
            Linked = prepared.Linked,
            Deletion = prepared.Deletion,
            OwnData = prepared.WouldEnrich && !ComparesChanges(producer, item.Event.Type) && DataLocation.IsInEvent(producer, item.Event),
            Fingerprint = Fingerprint.Of(item.Event),
            RecordedAt = now,
            Status = EventStatus.Recorded,
            RelayAt = now + _options.FirstRelayAfter,
            Timeline = [.. entries],
        };
        return prepared.FilteredBy is not { } rule ? record : record with
        {
            Status = EventStatus.Filtered,
            Reason = rule,
            RelayAt = null,
            TimeToLive = retention.RecordTimeToLiveOf(producer),
            Timeline = [.. entries, new TimelineEntry(now, TimelineStep.Filtered) { TraceId = item.TraceId, Detail = $"Rejected by {rule}." }],
        };
    }

    // What changed since the event before has to be frozen, and the record cannot hold it.
    private static bool ComparesChanges(Producer producer, string type) => producer.Types.GetValueOrDefault(type) is { Changes: true };

    private static string? RecordedDetail(IntakeChannel channel, string? remark, string? noEntity)
    {
        var name = channel switch
        {
            IntakeChannel.Message => "message",
            IntakeChannel.Feed => "feed",
            IntakeChannel.EventGrid => "eventGrid",
            _ => null,
        };
        var details = string.Join("; ", ((string?[])[remark, noEntity]).OfType<string>());
        return details.Length == 0 ? name : name is null ? details : $"{name}: {details}";
    }

    // The key is taken by the same event, by another one, or by one that has expired since.
    private async ValueTask ResolveAsync(IntakeItem item, CancellationToken budget)
    {
        try
        {
            var key = item.Record!.Key;
            if (await InBudgetAsync(store.ReadAsync(key, budget), budget) is { } existing)
            {
                var verdict = IsRepeat(existing, item.Record.Fingerprint) ? IntakeVerdict.Duplicate : IntakeVerdict.Conflict;
                item.Outcome = new IntakeOutcome(item.Index, key, verdict, existing.Status);
                item.Record = existing;
                return;
            }

            await CreateAsync([item], budget);
            if (!item.IsNew)
            {
                throw new StoreUnavailableException("The store has an unreadable record.");
            }

            item.Accept();
        }
        catch (StoreUnavailableException e)
        {
            // The events beside it are recorded and have to be published.
            item.Failure = e;
        }
    }

    // A record of another version of the fingerprint has the event itself. Of an erased one nothing is left to compare, and nothing to protect.
    private static bool IsRepeat(EventRecord existing, string fingerprint) =>
        existing.Fingerprint == fingerprint
        || (!Fingerprint.IsCurrent(existing.Fingerprint) && (existing.Erased || Fingerprint.Of(existing.Event) == fingerprint));

    private static string DetailOf(IReadOnlyList<string> irregular)
    {
        var shown = string.Join(" ", irregular.Take(MaxShownIrregularities));
        return irregular.Count > MaxShownIrregularities ? $"{shown} There are {irregular.Count - MaxShownIrregularities} more." : shown;
    }

    private async Task CreateAsync(IReadOnlyList<IntakeItem> items, CancellationToken budget)
    {
        IReadOnlyList<bool> created;
        try
        {
            created = await InBudgetAsync(store.CreateAsync([.. items.Select(item => item.Record!)], budget), budget);
            health.Wrote();
        }
        catch (StoreUnavailableException)
        {
            health.WriteFailed();
            throw;
        }

        for (var i = 0; i < items.Count; i++)
        {
            items[i].IsNew = created[i];
        }
    }

    private async Task<T> InBudgetAsync<T>(Task<T> call, CancellationToken budget)
    {
        try
        {
            return await call.WaitAsync(budget);
        }
        catch (OperationCanceledException e) when (budget.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"The store did not respond within {_options.StoreBudget}.", e);
        }
    }
}
