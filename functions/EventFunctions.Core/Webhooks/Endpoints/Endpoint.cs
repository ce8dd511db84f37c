using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>
/// One endpoint as this instance deals with it. The instance has a lease on some of the endpoint's slots, which serves many
/// deliveries; each slot carries its part of the rate. While an endpoint is healthy, a delivery costs no access to the
/// store here.
/// </summary>
internal sealed class Endpoint : IDisposable
{
    // A delivery ends this long before its lease: clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);

    // What is over so soon is waited for here; else the delivery goes back to the queue.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    private readonly string _holder;
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _time;
    private readonly EndpointDocument _document;
    private readonly EndpointTraffic _traffic = new();
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private SlotLease _lease;
    private int _inUse;
    private int _asking;
    private int _failures;
    private DateTimeOffset _fullUntil;
    private TimeSpan _longest;

    public Endpoint(string webhook, string holder, IDocumentStore documents, DeliveryOptions options, TimeProvider time)
    {
        (_holder, _options, _time) = (holder, options, time);
        _lease = new SlotLease(holder, 0, default);
        _document = new EndpointDocument(webhook, documents);
    }

    private enum Verdict
    {
        Granted,
        Probe,
        LeftAlone,
        Full,
        NoLease,
    }

    /// <summary>Asks for a slot, and waits a moment for one where that is enough.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot answer who may dial.</exception>
    public async Task<EndpointPermit> EnterAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        var verdict = Look(webhook);
        DateTimeOffset? probeUntil = null;
        if (verdict == Verdict.Full && await WaitAsync(cancellationToken))
        {
            verdict = Verdict.Granted;
        }
        else if (verdict is Verdict.NoLease or Verdict.Probe)
        {
            (verdict, probeUntil) = await LeaseAsync(webhook, cancellationToken);
        }

        return verdict is Verdict.Granted or Verdict.Probe
            ? await StartAsync(webhook, probeUntil, cancellationToken)
            : EndpointPermit.Defer(Defer(webhook));
    }

    /// <summary>Gives a pass back that the endpoint was not dialled with: whoever comes next finds out whether it is back, where this was to.</summary>
    /// <exception cref="StoreUnavailableException">That could not be noted; others find out when the probe's time is over.</exception>
    public async Task ReturnAsync(EndpointPermit pass, CancellationToken cancellationToken)
    {
        pass.Dispose();
        if (pass.ProbeUntil is { } until)
        {
            await ReturnProbeAsync(until, cancellationToken);
        }
    }

    /// <summary>An attempt has succeeded.</summary>
    /// <exception cref="StoreUnavailableException">That could not be noted.</exception>
    public async Task SucceededAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _failures = 0;
        }

        if (!_document.Known.IsHealthy)
        {
            await _document.ChangeAsync(isFresh: false, state => state.IsHealthy ? null : state.Recovered(), cancellationToken);
        }
    }

    /// <summary>How many deliveries that were put off could be brought on, the endpoint being faster, or back sooner, than they were told; 0 for none.</summary>
    public int SpareFor(Webhook webhook)
    {
        lock (_lock)
        {
            // No fewer than there may be slots: an instance gets more of them when it has something to do for them.
            return _document.Known.BreakUntil is null && _traffic.Spare(_time.GetUtcNow(), IntervalOf(webhook), _lease.Slots) is var spare and > 0
                ? Math.Clamp(spare, webhook.MaxConcurrent, DeliveryStore.MaxBroughtOn)
                : 0;
        }
    }

    /// <summary>None that was put off for longer is left.</summary>
    public void EndLine()
    {
        lock (_lock)
        {
            _traffic.EndLine(_time.GetUtcNow());
        }
    }

    /// <summary>An attempt has failed.</summary>
    /// <param name="isProbe">Whether it was to find out whether the endpoint is back.</param>
    /// <param name="hold">For how long the endpoint asks to be left alone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What is to be published for that; null for nothing.</returns>
    /// <exception cref="StoreUnavailableException">It could not be noted.</exception>
    public async Task<EndpointNotice?> FailedAsync(bool isProbe, TimeSpan? hold, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        EndpointFailure failure;
        lock (_lock)
        {
            failure = new EndpointFailure(++_failures, isProbe, hold);
        }

        var known = _document.Known;
        if (EndpointHealth.Failed(known, failure, _options, now) == known)
        {
            return null;
        }

        var changed = await _document.ChangeAsync(isFresh: false, state => EndpointHealth.Failed(state, failure, _options, now), cancellationToken);
        return changed?.Notice is { } notice && notice.At == UtcMilliseconds.Cut(now) ? notice : null;
    }

    /// <summary>The endpoint has said that it is gone for good.</summary>
    /// <returns>What is to be published for that; null where somebody else does it.</returns>
    /// <exception cref="StoreUnavailableException">It could not be noted.</exception>
    public async Task<EndpointNotice?> GoneAsync(CancellationToken cancellationToken)
    {
        var now = UtcMilliseconds.Cut(_time.GetUtcNow());
        var changed = await _document.ChangeAsync(
            isFresh: true,
            state => state.Notice is { Disables: true } ? null : state.With(new EndpointNotice(now, 100, WebhookDisabledReason.Gone, state.FailingSince ?? now)),
            cancellationToken);
        return changed?.Notice;
    }

    /// <summary>A notice is published, and what it says done.</summary>
    /// <exception cref="StoreUnavailableException">That could not be noted; it is done once more.</exception>
    public Task SettledAsync(EndpointNotice notice, CancellationToken cancellationToken) =>
        _document.ChangeAsync(isFresh: true, state => state.Without(notice), cancellationToken);

    public void Dispose() => _document.Dispose();

    private Verdict Look(Webhook webhook)
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var known = _document.Known;
            if (known.BreakUntil is { } until && known.IsOf(webhook))
            {
                return until > now ? Verdict.LeftAlone : Verdict.Probe;
            }

            if (!IsUsable(webhook, now))
            {
                return Verdict.NoLease;
            }

            if (_inUse < _lease.Slots)
            {
                _inUse++;
                return Verdict.Granted;
            }

            return _lease.Slots < webhook.MaxConcurrent && now >= _fullUntil ? Verdict.NoLease : Verdict.Full;
        }
    }

    private bool IsUsable(Webhook webhook, DateTimeOffset now) => now + webhook.Timeout + Margin <= _lease.Until && _document.Known.IsOf(webhook);

    // More slots, or the same for longer, as many as are asked for just now; or the right to find out if the endpoint is back.
    private async Task<(Verdict Verdict, DateTimeOffset? ProbeUntil)> LeaseAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asking);
        try
        {
            var verdict = Verdict.Full;
            SlotLease? lease = null;
            var leased = await _document.ChangeAsync(
                isFresh: true,
                state => Leased(state, webhook, out verdict, out lease),
                cancellationToken,
                isNeeded: () => (verdict = Look(webhook)) is Verdict.NoLease or Verdict.Probe);
            if (leased is not null)
            {
                lock (_lock)
                {
                    _lease = lease!;
                    _inUse++;
                }
            }

            return (verdict, verdict == Verdict.Probe ? leased?.BreakUntil : null);
        }
        finally
        {
            Interlocked.Decrement(ref _asking);
        }
    }

    private EndpointState? Leased(EndpointState state, Webhook webhook, out Verdict verdict, out SlotLease? lease)
    {
        var now = UtcMilliseconds.Cut(_time.GetUtcNow());
        lease = null;
        if (!state.IsOf(webhook))
        {
            // What is still to be said of the one before is said.
            state = new EndpointState { ActiveSince = webhook.ActiveSince, Leases = state.Leases, Notice = state.Notice, DueAt = state.DueAt };
        }

        if (state.BreakUntil > now)
        {
            verdict = Verdict.LeftAlone;
            return null;
        }

        var isProbe = state.BreakUntil is not null;
        var longest = webhook.Timeout + Margin;
        lock (_lock)
        {
            _longest = longest;
            var free = webhook.MaxConcurrent - state.TakenByOthers(_holder, now);
            if (free <= _inUse)
            {
                _fullUntil = now + AskAgain;
                verdict = Verdict.Full;
                return null;
            }

            var wanted = isProbe ? _inUse + 1 : Math.Max(_inUse + _asking, 2 * _lease.Slots);
            lease = new SlotLease(_holder, Math.Min(wanted, free), now + (_options.SlotTime > 2 * longest ? _options.SlotTime : 2 * longest));
        }

        // Should this one die, another finds out.
        verdict = isProbe ? Verdict.Probe : Verdict.Granted;
        return state.With(lease, now) with { BreakUntil = isProbe ? now + longest : null };
    }

    // Where the break was set anew meanwhile, that stands.
    private Task<EndpointState?> ReturnProbeAsync(DateTimeOffset until, CancellationToken cancellationToken) => _document.ChangeAsync(
        isFresh: false,
        state => state.BreakUntil == until ? state with { BreakUntil = UtcMilliseconds.Cut(_time.GetUtcNow()) } : null,
        cancellationToken);

    private async Task<bool> WaitAsync(CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource<bool>> place;
        lock (_lock)
        {
            if (_traffic.WaitFor(_waiting.Count, _lease.Slots) > MaxWait)
            {
                return false;
            }

            place = _waiting.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        try
        {
            return await place.Value.Task.WaitAsync(MaxWait, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            bool isGiven;
            lock (_lock)
            {
                isGiven = place.List is null && place.Value.Task.Result;
                if (place.List is not null)
                {
                    _waiting.Remove(place);
                }
            }

            if (e is TimeoutException)
            {
                return isGiven;
            }

            if (isGiven)
            {
                Leave();
            }

            throw;
        }
    }

    // Keeps the slot while it waits for its turn: starts are few where the rate is low.
    private async Task<EndpointPermit> StartAsync(Webhook webhook, DateTimeOffset? probeUntil, CancellationToken cancellationToken)
    {
        DateTimeOffset? start;
        var now = _time.GetUtcNow();
        lock (_lock)
        {
            start = _traffic.Start(now, IntervalOf(webhook), MaxWait);
        }

        if (start is null)
        {
            Leave();
            if (probeUntil is { } until)
            {
                await ReturnProbeAsync(until, cancellationToken);
            }

            return EndpointPermit.Defer(Defer(webhook));
        }

        var begin = _time.GetTimestamp();
        var pass = EndpointPermit.Granted(probeUntil, left =>
        {
            if (left.IsUsed)
            {
                lock (_lock)
                {
                    _traffic.Took(_time.GetElapsedTime(begin));
                }
            }

            Leave();
        });
        if (start > now)
        {
            try
            {
                await Task.Delay(start.Value - now, _time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                pass.Dispose();
                throw;
            }
        }

        return pass;
    }

    private TimeSpan Defer(Webhook webhook)
    {
        lock (_lock)
        {
            return _traffic.ComeBackIn(_time.GetUtcNow(), _document.Known.BreakUntil, IntervalOf(webhook), _lease.Slots, Random.Shared.NextDouble());
        }
    }

    // Each slot carries its part of the rate.
    private TimeSpan IntervalOf(Webhook webhook) =>
        TimeSpan.FromSeconds((double)webhook.MaxConcurrent / (webhook.MaxPerSecond * Math.Clamp(_lease.Slots, 1, webhook.MaxConcurrent)));

    // To who waits longest, as long as the lease lasts and the endpoint is not left alone.
    private void Leave()
    {
        lock (_lock)
        {
            var isOpen = _inUse <= _lease.Slots && _document.Known.BreakUntil is null && _time.GetUtcNow() + _longest <= _lease.Until;
            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                first.Value.SetResult(isOpen);
                if (isOpen)
                {
                    return;
                }
            }

            _inUse--;
        }
    }
}
