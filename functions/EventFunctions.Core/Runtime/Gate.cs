namespace EventFunctions.Runtime;

/// <summary>
/// Limits how many callers do something at the same time. Others wait in the order in which they came. Unlike
/// <see cref="SemaphoreSlim"/>, it resumes every caller on its own task scheduler.
/// </summary>
/// <param name="places">How many.</param>
internal sealed class Gate(int places)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource> _waiting = [];
    private int _free = places;

    /// <summary>Takes a place if one is free.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            return _free > 0 && _free-- > 0;
        }
    }

    /// <summary>Takes a place, and waits for it if none is free.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<TaskCompletionSource> place;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            place = _waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        await using var registration = cancellationToken.UnsafeRegister((_, token) => Withdraw(place, token), null);
        await place.Value.Task;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (_waiting.First is { } next)
            {
                _waiting.RemoveFirst();
                next.Value.SetResult();
            }
            else
            {
                _free++;
            }
        }
    }

    private void Withdraw(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // Who has the place already keeps it.
            if (place.List is not null)
            {
                _waiting.Remove(place);
                place.Value.SetCanceled(cancellationToken);
            }
        }
    }
}
