using EventFunctions.Runtime;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>Limits how many deliveries of this instance are at one endpoint at the same time.</summary>
internal sealed class EndpointPermits(TimeProvider time)
{
    private readonly Lock _lock = new();
    private Gate? _slots;
    private int _limit;
    private int _waiting;

    /// <summary>How many deliveries wait for a slot.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Takes a slot, which is released when the delivery ends.</summary>
    /// <param name="limit">How many slots there are. When it changes, deliveries under the old limit still end under that.</param>
    /// <param name="wait">How long to wait for one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if none was free in time.</returns>
    public async Task<Gate?> TakeAsync(int limit, TimeSpan wait, CancellationToken cancellationToken)
    {
        var slots = SlotsOf(limit);
        if (slots.TryEnter())
        {
            return slots;
        }

        if (wait == TimeSpan.Zero)
        {
            return null;
        }

        Interlocked.Increment(ref _waiting);
        using var timeout = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await slots.EnterAsync(either.Token);
            return slots;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private Gate SlotsOf(int limit)
    {
        lock (_lock)
        {
            if (_slots is null || limit != _limit)
            {
                (_slots, _limit) = (new Gate(limit), limit);
            }

            return _slots;
        }
    }
}
