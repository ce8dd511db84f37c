using EventFunctions.Producers;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake.Quotas;

/// <summary>
/// Counts the events of each producer on this instance. A quota of N events per minute is a bucket of N tokens, full at first and
/// refilled evenly over a minute.
/// </summary>
public sealed class ProducerQuotas(TimeProvider time, IOptions<QuotaOptions> options, QuotaNotices notices, EventMetrics metrics)
{
    private const int CleanUpAbove = 1_000;

    private readonly int? _default = options.Value.EventsPerMinute;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private int _cleanUpAbove = CleanUpAbove;

    /// <summary>How many producers this instance counts for.</summary>
    internal int Count => _buckets.Count;

    /// <summary>Counts the events of a request: all of them, or none if those of one producer exceed its quota.</summary>
    /// <param name="senders">The producer of each event.</param>
    /// <returns>Why the request does not fit; null if it does.</returns>
    public QuotaExcess? Take(IReadOnlyList<Producer> senders)
    {
        ArgumentNullException.ThrowIfNull(senders);
        if (!senders.Any(sender => QuotaOf(sender) is not null))
        {
            return null;
        }

        var limited = senders
            .Where(sender => QuotaOf(sender) is not null)
            .GroupBy(sender => sender.Name, (_, group) => group.ToList())
            .ToList();
        if (TakeAllOrNone(limited) is not var (sender, excess))
        {
            return null;
        }

        metrics.Refused(RefusalReasonName.QuotaExceeded, senders.Count);
        metrics.QuotaExceeded(sender.Name, senders.Count);
        notices.Exceeded(sender, excess.EventsPerMinute);
        return excess;
    }

    /// <summary>
    /// Counts events that are accepted regardless of the quota: a page of a feed is read whole. An excess delays the next page.
    /// </summary>
    /// <param name="sender">The producer.</param>
    /// <param name="events">How many.</param>
    public void Charge(Producer sender, int events)
    {
        ArgumentNullException.ThrowIfNull(sender);
        if (QuotaOf(sender) is null)
        {
            return;
        }

        lock (_gate)
        {
            BucketOf(sender).Tokens -= events;
        }
    }

    /// <summary>Returns why events have to wait, before any was counted; null if one fits now, or there is no quota.</summary>
    /// <param name="sender">The producer.</param>
    public QuotaExcess? ExcessOf(Producer sender)
    {
        ArgumentNullException.ThrowIfNull(sender);
        return WaitOf(sender) is var wait && wait > TimeSpan.Zero ? new QuotaExcess(sender.Name, QuotaOf(sender)!.Value, 0, 0, wait) : null;
    }

    /// <summary>Returns how long to wait until an event of a producer fits; zero if one fits now.</summary>
    /// <param name="sender">The producer.</param>
    public TimeSpan WaitOf(Producer sender)
    {
        ArgumentNullException.ThrowIfNull(sender);
        if (QuotaOf(sender) is not { } quota)
        {
            return TimeSpan.Zero;
        }

        TimeSpan wait;
        lock (_gate)
        {
            wait = BucketOf(sender).WaitFor(1);
        }

        if (wait > TimeSpan.Zero)
        {
            notices.Exceeded(sender, quota);
        }

        return wait;
    }

    private (Producer Sender, QuotaExcess Excess)? TakeAllOrNone(List<List<Producer>> limited)
    {
        lock (_gate)
        {
            foreach (var group in limited)
            {
                if (BucketOf(group[0]).Lacks(group.Count) is { } lacks)
                {
                    return (group[0], lacks);
                }
            }

            limited.ForEach(group => BucketOf(group[0]).Tokens -= group.Count);
            return null;
        }
    }

    private int? QuotaOf(Producer producer) => producer.EventsPerMinute ?? _default;

    private Bucket BucketOf(Producer producer)
    {
        var quota = QuotaOf(producer)!.Value;
        var now = time.GetTimestamp();
        if (!_buckets.TryGetValue(producer.Name, out var bucket))
        {
            CleanUp(now);
            _buckets[producer.Name] = bucket = new Bucket(producer.Name) { Tokens = quota, At = now };
        }

        bucket.Refill(quota, time.GetElapsedTime(bucket.At, now), now);
        return bucket;
    }

    // A full bucket says no more than no bucket: producers that were deleted leave nothing behind.
    private void CleanUp(long now)
    {
        if (_buckets.Count < _cleanUpAbove)
        {
            return;
        }

        foreach (var (name, bucket) in _buckets)
        {
            bucket.Refill(bucket.Quota, time.GetElapsedTime(bucket.At, now), now);
            if (bucket.Tokens >= bucket.Quota)
            {
                _buckets.Remove(name);
            }
        }

        _cleanUpAbove = Math.Max(CleanUpAbove, 2 * _buckets.Count);
    }

    private sealed class Bucket(string producer)
    {
        public double Tokens { get; set; }

        public long At { get; set; }

        public int Quota { get; private set; }

        public void Refill(int quota, TimeSpan elapsed, long now)
        {
            var raisedBy = Math.Max(0, quota - Quota);
            Tokens = Math.Min(quota, Tokens + (elapsed.TotalMinutes * quota) + raisedBy);
            (Quota, At) = (quota, now);
        }

        public TimeSpan WaitFor(int count) => Tokens >= count ? TimeSpan.Zero : TimeSpan.FromMinutes((count - Tokens) / Quota);

        public QuotaExcess? Lacks(int count) => Tokens >= count
            ? null
            : new QuotaExcess(producer, Quota, count, (int)Math.Max(0, Tokens), count > Quota ? null : WaitFor(count));
    }
}
