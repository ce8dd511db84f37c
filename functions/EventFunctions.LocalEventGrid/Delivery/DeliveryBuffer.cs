namespace EventFunctions.Local.EventGrid;

/// <summary>
/// The part of a subscription's deliveries that is in memory: bounded, and filled from disk in the order in which they are due. An event
/// without room stays on disk only. While events wait on disk, new ones queue behind them there.
/// </summary>
internal sealed class DeliveryBuffer(int maxEvents, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<TopicDelivery> _ready = new();

    // All that is in memory in some way: ready, on its way, or waiting for its settlement to be committed. What is here
    // is not read from disk once more.
    private readonly HashSet<long> _held = [];
    private readonly List<long> _releasedMeanwhile = [];
    private long _bytes;
    private bool _isRefilling;

    // The lowest sequence that may be fresh on disk and not in memory; null where there is none.
    private long? _behindFrom;
    private DateTimeOffset? _nextDue;

    /// <summary>How many deliveries could be taken now.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>When the next retry is due, as far as is known.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock)
            {
                return _nextDue;
            }
        }
    }

    private bool HasRoom => _held.Count < maxEvents && _bytes < maxBytes;

    /// <summary>Looks on disk for everything, as after a restart.</summary>
    public void StartBehind()
    {
        lock (_lock)
        {
            _behindFrom = 0;
            _nextDue = DateTimeOffset.MinValue;
        }
    }

    /// <summary>Takes in an event that has just become durable.</summary>
    public void Add(PublishedEvent published)
    {
        lock (_lock)
        {
            if (_behindFrom is not null || !HasRoom)
            {
                _behindFrom = Math.Min(_behindFrom ?? long.MaxValue, published.Sequence);
            }
            else if (_held.Add(published.Sequence))
            {
                _bytes += published.Body.Length;
                _ready.Enqueue(new TopicDelivery { Sequence = published.Sequence, PublishedAt = published.PublishedAt, Body = published.Body });
            }
        }
    }

    /// <summary>Takes in an event that is not on disk, if there is room and no event waits on disk.</summary>
    /// <returns>Whether it is held; otherwise it has to be written to disk, and added.</returns>
    public bool TryHold(PublishedEvent published)
    {
        lock (_lock)
        {
            if (_behindFrom is not null || !HasRoom)
            {
                return false;
            }

            _held.Add(published.Sequence);
            _bytes += published.Body.Length;
            _ready.Enqueue(new TopicDelivery { Sequence = published.Sequence, PublishedAt = published.PublishedAt, Body = published.Body, IsHeld = true });
            return true;
        }
    }

    /// <summary>Returns the deliveries that are in memory only and in no attempt.</summary>
    public IReadOnlyList<TopicDelivery> HeldOnly()
    {
        lock (_lock)
        {
            return [.. _ready.Where(delivery => delivery.IsHeld)];
        }
    }

    /// <summary>Takes deliveries for an attempt: at least one, and more while they fit. Null if no delivery is ready.</summary>
    public List<TopicDelivery>? Take(int count, int bytes)
    {
        lock (_lock)
        {
            if (!_ready.TryDequeue(out var first))
            {
                return null;
            }

            List<TopicDelivery> taken = [first];
            var size = first.Body.Length;
            while (taken.Count < count && _ready.TryPeek(out var next) && size + next.Body.Length <= bytes)
            {
                size += next.Body.Length;
                taken.Add(_ready.Dequeue());
            }

            return taken;
        }
    }

    /// <summary>Records the end of an attempt; the event's bytes are no longer needed.</summary>
    public void Tried(TopicDelivery delivery)
    {
        lock (_lock)
        {
            _bytes -= delivery.Body.Length;
        }
    }

    /// <summary>Records that the outcome of an attempt is on disk.</summary>
    /// <param name="sequence">The event.</param>
    /// <param name="retryAt">When it is due again; null where it is not.</param>
    public void Release(long sequence, DateTimeOffset? retryAt)
    {
        lock (_lock)
        {
            if (_isRefilling)
            {
                // What is being read may be older than the settlement.
                _releasedMeanwhile.Add(sequence);
            }
            else
            {
                _held.Remove(sequence);
            }

            _nextDue = Earlier(_nextDue, retryAt);
        }
    }

    /// <summary>Drops events that were removed from disk. Those that are on their way come back as tried.</summary>
    public void Drop(IReadOnlySet<long> sequences)
    {
        lock (_lock)
        {
            for (var count = _ready.Count; count > 0; count--)
            {
                var delivery = _ready.Dequeue();
                if (!sequences.Contains(delivery.Sequence))
                {
                    _ready.Enqueue(delivery);
                    continue;
                }

                _held.Remove(delivery.Sequence);
                _bytes -= delivery.Body.Length;
            }
        }
    }

    /// <summary>Whether it is time to look on disk; if so, the caller has to <see cref="Refill"/>.</summary>
    /// <param name="now">The time.</param>
    /// <returns>What to look for; null where it is not time.</returns>
    public RefillPlan? BeginRefill(DateTimeOffset now)
    {
        lock (_lock)
        {
            // Not for every single place: each time costs a look at the disk.
            var isWorthIt = _ready.Count <= maxEvents / 4 && _held.Count <= maxEvents * 3L / 4 && _bytes <= maxBytes / 2;
            var plan = new RefillPlan(now, _behindFrom, _nextDue <= now);
            if (_isRefilling || !isWorthIt || !(plan.IsDue || plan.BehindFrom is not null))
            {
                return null;
            }

            // From here on these two tell what is new since; what is released meanwhile must not be forgotten.
            _isRefilling = true;
            _behindFrom = plan.BehindFrom is null ? null : long.MaxValue;
            _nextDue = plan.IsDue ? null : _nextDue;
            return plan;
        }
    }

    /// <summary>Fills the buffer from disk: first retries that are due, then new events.</summary>
    /// <param name="reader">The disk.</param>
    /// <param name="plan">What <see cref="BeginRefill"/> said.</param>
    public void Refill(DeliveryReader reader, RefillPlan plan)
    {
        var (now, behindFrom, isDue) = plan;
        try
        {
            if (isDue)
            {
                // As many as may be held, so that the held ones among them do not hide the others.
                var sequences = reader.ReadDue(DeliveryState.Retry, now, maxEvents);
                var isWhole = Load(sequences, reader) is null && sequences.Count < maxEvents;
                var next = isWhole ? reader.ReadNextDue(DeliveryState.Retry, now) : now;
                isDue = false;
                Update(null, next);
            }

            if (behindFrom is { } from)
            {
                var sequences = reader.ReadFresh(from, maxEvents);
                var next = Load(sequences, reader) ?? (sequences.Count < maxEvents ? null : sequences[^1] + 1);
                behindFrom = null;
                Update(next, null);
            }
        }
        finally
        {
            lock (_lock)
            {
                // Where reading failed, everything is as it was.
                _behindFrom = behindFrom is null ? _behindFrom : Math.Min(_behindFrom!.Value, behindFrom.Value);
                _nextDue = Earlier(_nextDue, isDue ? now : null);
                _behindFrom = _behindFrom == long.MaxValue ? null : _behindFrom;
                _held.ExceptWith(_releasedMeanwhile);
                _releasedMeanwhile.Clear();
                _isRefilling = false;
            }
        }
    }

    // The first that found no room; null where all are in memory now.
    private long? Load(List<long> sequences, DeliveryReader reader)
    {
        foreach (var sequence in sequences)
        {
            lock (_lock)
            {
                if (_held.Contains(sequence))
                {
                    continue;
                }

                if (!HasRoom)
                {
                    return sequence;
                }
            }

            if (reader.Read(sequence) is { Reason: null } delivery)
            {
                lock (_lock)
                {
                    _held.Add(sequence);
                    _bytes += delivery.Body.Length;
                    _ready.Enqueue(delivery);
                }
            }
        }

        return null;
    }

    private void Update(long? behindFrom, DateTimeOffset? nextDue)
    {
        lock (_lock)
        {
            _behindFrom = behindFrom is null ? _behindFrom : Math.Min(_behindFrom ?? long.MaxValue, behindFrom.Value);
            _nextDue = Earlier(_nextDue, nextDue);
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}

/// <summary>What to look for on disk.</summary>
/// <param name="Now">When this was decided; nothing that is due later counts.</param>
/// <param name="BehindFrom">From which sequence on there are events that were never tried; null for none.</param>
/// <param name="IsDue">Whether there are retries.</param>
internal readonly record struct RefillPlan(DateTimeOffset Now, long? BehindFrom, bool IsDue);
