using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Claims the messages of a queue and has them worked on side by side: a batch when there is room for one, so that a busy queue
/// costs few claims, and none while the queue has no message that is due.
/// </summary>
/// <param name="queue">The queue's name.</param>
/// <param name="call">Works on a message.</param>
/// <param name="queues">Where messages are claimed.</param>
/// <param name="settings">How many, and for how long.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of trouble.</param>
internal sealed class QueueListener(
    string queue, QueueCall call, IMessageReceiver queues, QueueSettings settings, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _ended = new(0);
    private int _running;

    /// <summary>Runs until it is cancelled, and then until its current messages are finished.</summary>
    /// <param name="cancellationToken">Set when the host stops.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await FewerThanAsync(settings.NewBatchThreshold + 1, cancellationToken);
                var messages = await ClaimAsync(cancellationToken);
                foreach (var message in messages)
                {
                    Interlocked.Increment(ref _running);
                    _ = WorkAsync(message, cancellationToken);
                }

                if (messages.Count == 0)
                {
                    await WaitAsync(cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await FewerThanAsync(1, CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ended.Dispose();

    private async Task FewerThanAsync(int count, CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _running) >= count)
        {
            await _ended.WaitAsync(cancellationToken);
        }
    }

    private async Task WorkAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        // The claim's thread goes back for more.
        await Task.Yield();
        await call.RunAsync(message, cancellationToken);
        if (Interlocked.Decrement(ref _running) <= settings.NewBatchThreshold)
        {
            _ended.Release();
        }
    }

    private async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await queues.ClaimAsync(queue, settings.BatchSize, settings.ClaimTime, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "Cannot read the queue {Queue}; retrying.", queue);
            await Task.Delay(PauseAfterFailure, time, cancellationToken);
            return [];
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await queues.WaitAsync(queue, cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The next claim tells.
        }
    }
}
