using System.Collections.Concurrent;
using EventFunctions.CloudEvents;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Publication;

/// <summary>Publishes events of the service's own, of each kind at most one per minute from each instance. No request waits for them.</summary>
/// <param name="publisher">Publishes.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the failures.</param>
public sealed class MinuteNotices(OwnEventPublisher publisher, TimeProvider time, ILogger<MinuteNotices> logger)
{
    private const int MaxPerMinute = 100;

    private static readonly TimeSpan PublishBudget = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _minutes = new(StringComparer.Ordinal);

    /// <summary>The publication that began last.</summary>
    internal Task LastPublication { get; private set; } = Task.CompletedTask;

    /// <summary>Publishes an event unless the current minute has one of its kind already.</summary>
    /// <param name="kind">What the events of one minute have in common.</param>
    /// <param name="create">Creates the event of a minute, given its beginning; every instance should give it the same ID.</param>
    /// <returns>Whether it is the minute's first.</returns>
    public bool Publish(string kind, Func<DateTimeOffset, EventNotification> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        var now = time.GetUtcNow();
        var minute = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMinute));
        if (!_minutes.ContainsKey(kind) && _minutes.Count(one => one.Value == minute) >= MaxPerMinute)
        {
            // A producer with a pattern may have thousands of sources that fail at once. The log has all of them.
            return false;
        }

        var last = _minutes.GetOrAdd(kind, DateTimeOffset.MinValue);
        if (last >= minute || !_minutes.TryUpdate(kind, minute, last))
        {
            return false;
        }

        foreach (var (other, old) in _minutes.Where(one => one.Value < minute))
        {
            _minutes.TryRemove(KeyValuePair.Create(other, old));
        }

        LastPublication = PublishAsync(kind, create(minute));
        return true;
    }

    private async Task PublishAsync(string kind, EventNotification own)
    {
        try
        {
            using var budget = new CancellationTokenSource(PublishBudget, time);
            await publisher.PublishAsync(own, budget.Token);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "Could not publish the notice {Kind}.", kind);
        }
    }
}
