using System.Diagnostics;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Intake;

/// <summary>Publishes what was just recorded, once and within a budget; what does not get through is left to the relay.</summary>
internal sealed class FirstPublication(IEventStore store, CoalescingPublisher publisher, TimeProvider time, IntakeOptions options, ILogger logger)
{
    private const int MaxDetailLength = 300;

    /// <summary>The name of the topic that this publishes to.</summary>
    public string Topic => publisher.Topic;

    /// <summary>Publishes an event. That it did not get through is noted, and no error.</summary>
    public async Task PublishAsync(IntakeEntry entry)
    {
        var sent = entry.Record.Event;
        Activity.Current = entry.Span ?? Activity.Current;
        using var span = EventTracing.Publish(sent.Key, sent.Type, sent.Subject, publisher.Topic);
        using var budget = new CancellationTokenSource(options.PublishBudget, time);
        try
        {
            await publisher.PublishAsync(entry.Encoded, budget.Token);
        }
        catch (Exception e)
        {
            EventTracing.Fail(span, e.GetType().Name);
            var detail = e is OperationCanceledException ? $"No answer from the topic within {options.PublishBudget}." : e.Message;
            logger.LogWarning("The event {Id} of {Source} is recorded, but not published yet: {Detail}", sent.Id, sent.Source, detail);

            // The answer does not wait: if the note is lost, the relay comes later.
            _ = RecordFailureAsync(entry.Record, detail.Length > MaxDetailLength ? detail[..MaxDetailLength] : detail);
        }
    }

    private async Task RecordFailureAsync(EventRecord record, string detail)
    {
        try
        {
            using var budget = new CancellationTokenSource(options.StoreBudget, time);
            var now = time.GetUtcNow();
            var entry = new TimelineEntry(now, TimelineStep.PublishFailed) { Detail = detail, TraceId = record.Timeline[0].TraceId };
            await store.PatchAsync(record.Key, RecordPatch.RelayLater(0, now + options.RelayAfterFailure, null, entry), budget.Token);
        }
        catch (Exception e)
        {
            logger.LogDebug(e, "The failed publication of {Id} is not noted; the relay comes by its first date.", record.Key.Id);
        }
    }
}
