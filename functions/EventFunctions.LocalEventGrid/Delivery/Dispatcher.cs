using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Delivers one subscription's events, with workers, memory, and a view of the disk of its own: however slow its
/// subscriber is, the others do not notice.
/// </summary>
internal sealed class Dispatcher : IDisposable
{
    private readonly DispatcherContext _context;
    private readonly DeliveryBuffer _buffer;
    private readonly ITimer _timer;
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private DeliveryReader? _reader;
    private Task _refilling = Task.CompletedTask;
    private int _workers;
    private bool _isOpen;
    private bool _isStopping;
    private long _pending;
    private long _delivered;
    private long _failedAttempts;
    private long _dropped;

    public Dispatcher(Subscription subscription, DispatcherContext context)
    {
        Subscription = subscription;
        _context = context;
        _buffer = new DeliveryBuffer(context.Options.MaxEventsInMemory, context.Options.MaxBytesInMemory);
        _timer = context.Time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        DeadLetters = new DeadLetterQueue(this, context);
    }

    /// <summary>To whom.</summary>
    public Subscription Subscription { get; }

    /// <summary>The subscription's row on disk.</summary>
    public long Id { get; private set; }

    /// <summary>Where events go that cannot be delivered.</summary>
    public DeadLetterQueue DeadLetters { get; }

    /// <summary>How the subscription stands.</summary>
    public SubscriptionStatus Status => new(
        Subscription.Topic,
        Subscription.Name,
        _isOpen,
        Math.Max(0, Interlocked.Read(ref _pending)),
        Interlocked.Read(ref _delivered),
        Interlocked.Read(ref _failedAttempts),
        DeadLetters.Written,
        Interlocked.Read(ref _dropped) + DeadLetters.Dropped);

    /// <summary>Reads the pending deliveries from disk.</summary>
    public void Load(long id)
    {
        Id = id;
        _reader = _context.Store.OpenReader(id);
        _pending = _reader.CountPending();
        _buffer.StartBehind();
    }

    /// <summary>Begins to deliver.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _isOpen = true;
        }

        Pump();
    }

    /// <summary>Takes in an event that has just become durable.</summary>
    public void Offer(PublishedEvent published)
    {
        Interlocked.Increment(ref _pending);
        _buffer.Add(published);
        Pump();
    }

    /// <summary>Takes in an event without writing it to disk, if the publisher publishes lost events again and there is room.</summary>
    public bool TryHold(PublishedEvent published)
    {
        if (!Subscription.IsRepublished || !_buffer.TryHold(published))
        {
            return false;
        }

        Interlocked.Increment(ref _pending);
        Pump();
        return true;
    }

    /// <summary>Returns the deliveries that are in memory only and in no attempt.</summary>
    public IReadOnlyList<TopicDelivery> HeldOnly() => _buffer.HeldOnly();

    /// <summary>Writes the deliveries that are in memory only, after the last attempt has ended.</summary>
    /// <exception cref="EventGridUnavailableException">They are not written.</exception>
    public async Task WriteHeldAsync()
    {
        var now = _context.Time.GetUtcNow();
        if (_buffer.HeldOnly() is { Count: > 0 } held)
        {
            await _context.Store.SettleNowAsync([.. held.Select(delivery => new Settlement(this, delivery, delivery with { IsHeld = false, DueAt = now }))]);
        }
    }

    /// <summary>Records that the outcome of an attempt is on disk.</summary>
    public void Settled(Settlement settlement)
    {
        var isDead = settlement.Next?.Reason is not null;
        _buffer.Release(settlement.Sequence, isDead ? null : settlement.Next?.DueAt);
        if (isDead)
        {
            DeadLetters.Wake();
        }

        Pump();
    }

    /// <summary>Drops events that were removed from disk.</summary>
    public void Drop(IReadOnlySet<long> sequences)
    {
        _buffer.Drop(sequences);
        using var reader = _context.Store.OpenReader(Id);
        Interlocked.Exchange(ref _pending, reader.CountPending() + _buffer.HeldOnly().Count);
    }

    /// <summary>Begins nothing new and waits for the attempts that are on their way.</summary>
    /// <param name="cancellationToken">Gives those attempts up: they are repeated after the restart.</param>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _isStopping = true;
            if (_workers == 0)
            {
                _idle.TrySetResult();
            }
        }

        await using var giveUp = cancellationToken.Register(_abort.Cancel);
        await _idle.Task;
        await _refilling;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _abort.Dispose();
        _reader?.Dispose();
        DeadLetters.Dispose();
    }

    // Starts whatever there is to start.
    private void Pump()
    {
        lock (_lock)
        {
            if (!_isOpen || _isStopping)
            {
                return;
            }

            // One time for both questions: what is not due yet at this time gets the timer, whatever time it is by then.
            var now = _context.Time.GetUtcNow();
            if (_buffer.BeginRefill(now) is { } plan)
            {
                _refilling = Task.Run(() => Refill(plan));
            }

            for (var ready = _buffer.Ready; ready > 0 && _workers < _context.Options.DeliveryConcurrency; ready--)
            {
                _workers++;
                ThreadPool.UnsafeQueueUserWorkItem(static dispatcher => _ = dispatcher.WorkAsync(), this, preferLocal: false);
            }

            if (_buffer.NextDue is { } due && due - now is { Ticks: > 0 } wait)
            {
                // Timers do not reach as far as a delay may.
                _timer.Change(wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Refill(RefillPlan plan)
    {
        try
        {
            _buffer.Refill(_reader!, plan);
            Pump();
        }
        catch (Exception e)
        {
            _context.Logger.LogWarning(e, "Cannot read the deliveries of subscription {Subscription} from disk; retrying.", Subscription.Name);
            _timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    private async Task WorkAsync()
    {
        while (TakeBatch() is { } batch)
        {
            try
            {
                await AttemptAsync(batch);
            }
            catch (OperationCanceledException)
            {
                // Given up: on disk the deliveries are as before the attempt.
            }
            catch (Exception e)
            {
                _context.Logger.LogError(e, "A delivery to subscription {Subscription} failed because of an error in this host.", Subscription.Name);
                Conclude(batch, AttemptResult.Failed);
            }
        }
    }

    // Null sends the worker home.
    private List<TopicDelivery>? TakeBatch()
    {
        lock (_lock)
        {
            var batch = _isStopping ? null : _buffer.Take(Subscription.MaxEventsPerBatch, Subscription.PreferredBatchBytes);
            if (batch is null && --_workers == 0 && _isStopping)
            {
                _idle.TrySetResult();
            }

            return batch;
        }
    }

    private async Task AttemptAsync(List<TopicDelivery> batch)
    {
        var now = _context.Time.GetUtcNow();
        var expired = batch.FindAll(d => d.PublishedAt + Subscription.TimeToLive <= now);
        if (expired.Count > 0)
        {
            Settle(expired, d => d with { DueAt = now, Reason = DeadLetterReason.TimeToLiveExceeded });
            batch.RemoveAll(expired.Contains);
        }

        if (batch.Count > 0)
        {
            Conclude(batch, await _context.Sender.DeliverAsync(Subscription, batch, _abort.Token));
        }
    }

    private void Conclude(List<TopicDelivery> batch, AttemptResult result)
    {
        if (result.IsDelivered)
        {
            Settle(batch, _ => null);
            return;
        }

        var now = _context.Time.GetUtcNow();
        Interlocked.Add(ref _failedAttempts, batch.Count);
        _context.Logger.LogDebug("Subscription {Subscription} rejected {Count} events: {Outcome}", Subscription.Name, batch.Count, result.Outcome);
        Settle(batch, d => _context.Schedule.Next(
            Subscription,
            d with { Attempts = d.Attempts + 1, AttemptedAt = now, Outcome = result.Outcome },
            result,
            now));
    }

    private void Settle(List<TopicDelivery> batch, Func<TopicDelivery, TopicDelivery?> next)
    {
        var settlements = batch.ConvertAll(delivery =>
        {
            _buffer.Tried(delivery);
            return new Settlement(this, delivery, Count(next(delivery)));
        });
        _context.Store.Settle(settlements);
    }

    // Without a place for dead letters, the service drops the event.
    private TopicDelivery? Count(TopicDelivery? next)
    {
        if (next is { Reason: null })
        {
            return next;
        }

        Interlocked.Decrement(ref _pending);
        if (next is null)
        {
            Interlocked.Increment(ref _delivered);
            return null;
        }

        if (Subscription.DeadLetterContainer is null)
        {
            Interlocked.Increment(ref _dropped);
            _context.Logger.LogWarning(
                "Dropped an event for subscription {Subscription} ({Reason}, {Outcome}): the subscription has no dead-letter destination.",
                Subscription.Name,
                next.Reason,
                next.Outcome);
            return null;
        }

        return next with { DueAt = next.DueAt + _context.Options.DeadLetterDelay };
    }
}
