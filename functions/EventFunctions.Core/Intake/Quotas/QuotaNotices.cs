using System.Collections.Concurrent;
using EventFunctions.Producers;
using EventFunctions.Publication;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Intake.Quotas;

/// <summary>Publishes and logs that a producer exceeds its quota, once per producer and minute.</summary>
public sealed class QuotaNotices(CoalescingPublisher publisher, TimeProvider time, ILogger<QuotaNotices> logger)
{
    private static readonly TimeSpan PublishBudget = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _minutes = new(StringComparer.Ordinal);

    /// <summary>The publication that began last.</summary>
    internal Task LastPublication { get; private set; } = Task.CompletedTask;

    /// <summary>Reports that a producer exceeds its quota now. The request does not wait for the publication.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="eventsPerMinute">Its quota.</param>
    public void Exceeded(Producer producer, int eventsPerMinute)
    {
        ArgumentNullException.ThrowIfNull(producer);
        var now = time.GetUtcNow();
        var minute = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        var last = _minutes.GetOrAdd(producer.Name, DateTimeOffset.MinValue);
        if (last >= minute || !_minutes.TryUpdate(producer.Name, minute, last))
        {
            return;
        }

        Forget(minute);
        logger.LogWarning("The producer {Producer} exceeds its quota of {EventsPerMinute} events per minute.", producer.Name, eventsPerMinute);
        LastPublication = PublishAsync(producer, eventsPerMinute, minute);
    }

    private void Forget(DateTimeOffset minute)
    {
        foreach (var (name, last) in _minutes.Where(one => one.Value < minute))
        {
            _minutes.TryRemove(KeyValuePair.Create(name, last));
        }
    }

    private async Task PublishAsync(Producer producer, int eventsPerMinute, DateTimeOffset minute)
    {
        try
        {
            using var budget = new CancellationTokenSource(PublishBudget, time);
            await publisher.PublishAsync(QuotaEvent.Encode(producer, eventsPerMinute, minute), budget.Token);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Could not publish that the producer {Producer} exceeds its quota.", producer.Name);
        }
    }
}
