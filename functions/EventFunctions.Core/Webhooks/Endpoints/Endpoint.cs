using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>
/// One webhook's endpoint as this instance delivers to it: the circuit is shared by all instances, permits and pace are the
/// instance's own. While the endpoint is healthy, deliveries write nothing here.
/// </summary>
internal sealed class Endpoint(EndpointCircuit circuit, TimeProvider time)
{
    // A permit that is free so soon is waited for here; otherwise the delivery goes back to the queue.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(200);

    private readonly EndpointPermits _permits = new(time);
    private readonly EndpointPacing _pacing = new();

    /// <summary>The endpoint's health.</summary>
    public EndpointCircuit Circuit => circuit;

    /// <summary>Asks for a permit, and waits a moment if one is about to be free.</summary>
    /// <exception cref="StoreUnavailableException">The circuit's state cannot be read.</exception>
    public async Task<EndpointPermit> EnterAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        await circuit.RefreshAsync(cancellationToken);
        if (circuit.OpenUntil(webhook) is not null)
        {
            return Defer(webhook);
        }

        var wait = _pacing.WaitFor(_permits.Waiting, webhook.MaxConcurrent) > MaxWait ? TimeSpan.Zero : MaxWait;
        if (await _permits.TakeAsync(webhook.MaxConcurrent, wait, cancellationToken) is not { } slot)
        {
            return Defer(webhook);
        }

        // The circuit may have opened during the wait.
        if (circuit.Enter(webhook) is not { } isProbe)
        {
            slot.Leave();
            return Defer(webhook);
        }

        var begin = time.GetTimestamp();
        var permit = EndpointPermit.Granted(isProbe, left => Leave(left, slot, begin));
        try
        {
            return await WaitForTurnAsync(webhook, cancellationToken) ? permit : Return(permit, webhook);
        }
        catch (OperationCanceledException)
        {
            permit.Dispose();
            throw;
        }
    }

    /// <summary>Returns how many deferred deliveries could come now because the endpoint is faster, or back sooner, than was expected; 0 for none.</summary>
    public int SpareFor(Webhook webhook) =>
        circuit.OpenUntil(webhook) is null && _pacing.Spare(time.GetUtcNow(), IntervalOf(webhook), webhook.MaxConcurrent) is var spare and > 0
            ? Math.Clamp(spare, webhook.MaxConcurrent, DeliveryStore.MaxBroughtOn)
            : 0;

    /// <summary>Forgets the line: no deferred delivery is left.</summary>
    public void EndLine() => _pacing.EndLine(time.GetUtcNow());

    private static TimeSpan IntervalOf(Webhook webhook) => TimeSpan.FromSeconds(1.0 / webhook.MaxPerSecond);

    private async Task<bool> WaitForTurnAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_pacing.Start(now, IntervalOf(webhook), MaxWait) is not { } start)
        {
            return false;
        }

        if (start > now)
        {
            await Task.Delay(start - now, time, cancellationToken);
        }

        return true;
    }

    private EndpointPermit Return(EndpointPermit permit, Webhook webhook)
    {
        permit.Dispose();
        return Defer(webhook);
    }

    private EndpointPermit Defer(Webhook webhook) => EndpointPermit.Defer(
        _pacing.ComeBackIn(time.GetUtcNow(), circuit.OpenUntil(webhook), IntervalOf(webhook), webhook.MaxConcurrent, RandomProvider.Current.NextDouble()));

    private void Leave(EndpointPermit permit, Gate slot, long begin)
    {
        if (permit.IsUsed)
        {
            _pacing.Took(time.GetElapsedTime(begin));
        }

        if (permit.IsProbe)
        {
            circuit.EndProbe();
        }

        slot.Leave();
    }
}
