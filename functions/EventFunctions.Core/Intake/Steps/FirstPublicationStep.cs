using System.Diagnostics;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake.Steps;

/// <summary>Publishes recorded events once, within a budget. The relay publishes the events that fail.</summary>
public sealed class FirstPublicationStep(
    IEventStore store, CoalescingPublisher publisher, TimeProvider time, IOptions<IntakeOptions> options, ILogger<FirstPublicationStep> logger) : IIntakeStep
{
    private const int MaxDetailLength = 300;

    private readonly IntakeOptions _options = options.Value;

    /// <summary>The name of the topic.</summary>
    internal string Topic => publisher.Topic;

    // A budget of its own: the store may have used up that of the request.
    Task IIntakeStep.RunAsync(IReadOnlyList<IntakeItem> items, CancellationToken budget) =>
        items is [var only]
            ? only.MustPublish ? PublishAsync(only) : Task.CompletedTask
            : Task.WhenAll(items.Where(item => item.MustPublish).Select(PublishAsync));

    private async Task PublishAsync(IntakeItem item)
    {
        var sent = item.Event;
        Activity.Current = item.Span ?? Activity.Current;
        using var span = EventTracing.Publish(sent.Key, sent.Type, sent.Subject, publisher.Topic);
        using var budget = new CancellationTokenSource(_options.PublishBudget, time);
        try
        {
            await publisher.PublishAsync(item.Encoded, budget.Token);
        }
        catch (Exception e)
        {
            EventTracing.Fail(span, e.GetType().Name);
            var detail = e is OperationCanceledException ? $"The topic did not respond within {_options.PublishBudget}." : e.Message;
            logger.LogWarning("Event {Id} of {Source} is recorded but not published yet; the relay will publish it: {Detail}", sent.Id, sent.Source, detail);

            // The response does not wait: if this record is lost, the relay publishes later.
            _ = RecordFailureAsync(item.Record!, detail.Length > MaxDetailLength ? detail[..MaxDetailLength] : detail);
        }
    }

    private async Task RecordFailureAsync(EventRecord record, string detail)
    {
        try
        {
            using var budget = new CancellationTokenSource(_options.StoreBudget, time);
            var now = time.GetUtcNow();
            var entry = new TimelineEntry(now, TimelineStep.PublishFailed) { Detail = detail, TraceId = record.Timeline[0].TraceId };
            await store.PatchAsync(record.Key, RecordPatch.RelayLater(0, now + _options.RelayAfterFailure, null, entry), budget.Token);
        }
        catch (Exception e)
        {
            logger.LogDebug(e, "Could not record the failed publication of {Id}; the relay publishes it at its first date.", record.Key.Id);
        }
    }
}
