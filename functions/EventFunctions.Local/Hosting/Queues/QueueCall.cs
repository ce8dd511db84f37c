using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Runs a function for one message and settles it as the Functions host does: after a success the message is deleted; after a failure it is
/// retried, and moved to the poison queue when it has failed too often. A message that was not settled, because the process died or the
/// queue was unavailable, is delivered again when its claim expires.
/// </summary>
/// <param name="function">The function.</param>
/// <param name="queues">Where messages are settled.</param>
/// <param name="settings">How often, and when again.</param>
/// <param name="services">Where functions come from.</param>
/// <param name="time">The clock.</param>
/// <param name="work">Counts the messages.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class QueueCall(
    QueueFunction function, IMessageReceiver queues, QueueSettings settings, IServiceScopeFactory services, TimeProvider time, WorkInProgress work, ILogger logger)
{
    // A poison queue has none of its own.
    private readonly bool _hasPoisonQueue = !function.Queue.EndsWith(IMessageReceiver.PoisonSuffix, StringComparison.Ordinal);

    /// <summary>Runs the function; throws nothing.</summary>
    /// <param name="message">A claimed message.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    public async Task RunAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        try
        {
            // One that killed the process so often that no failure was ever counted.
            if (_hasPoisonQueue && message.DequeueCount > settings.MaxDequeueCount)
            {
                await SetAsideAsync(message, null);
                return;
            }

            var call = InvokeAsync(message.Text, cancellationToken);
            if (await HoldAsync(message, call) is not { } held)
            {
                await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                logger.LogWarning("{Function} took so long that another call may also have received its message.", function.Name);
                return;
            }

            await SettleAsync(held, call, cancellationToken.IsCancellationRequested);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "{Function} ran, but its message could not be deleted and will be delivered again.", function.Name);
        }
    }

    // Keeps the message as long as the call runs; null where that failed.
    private async Task<ClaimedMessage?> HoldAsync(ClaimedMessage message, Task call)
    {
        for (var held = message; ;)
        {
            await call.WaitAsync(settings.ClaimTime / 3, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (call.IsCompleted)
            {
                return held;
            }

            try
            {
                if (await queues.RenewAsync(held, settings.ClaimTime, CancellationToken.None) is not { } renewed)
                {
                    return null;
                }

                held = renewed;
            }
            catch (StoreUnavailableException e)
            {
                logger.LogWarning(e, "Could not renew the message of {Function}.", function.Name);
            }
        }
    }

    private async Task SettleAsync(ClaimedMessage message, Task call, bool stopping)
    {
        if (call.IsCompletedSuccessfully)
        {
            await queues.CompleteAsync(message, CancellationToken.None);
        }
        else if (call.IsCanceled && stopping)
        {
            await queues.ReturnAsync(message, TimeSpan.Zero, CancellationToken.None);
        }
        else if (_hasPoisonQueue && message.DequeueCount >= settings.MaxDequeueCount)
        {
            await SetAsideAsync(message, call.Exception?.InnerException);
        }
        else
        {
            logger.LogError(
                call.Exception?.InnerException,
                "{Function} failed at attempt {Count} of its message; retrying in {Delay}.",
                function.Name,
                message.DequeueCount,
                settings.VisibilityTimeout);
            await queues.ReturnAsync(message, settings.VisibilityTimeout, CancellationToken.None);
        }
    }

    private async Task SetAsideAsync(ClaimedMessage message, Exception? error)
    {
        await queues.SetAsideAsync(message, CancellationToken.None);
        logger.LogError(
            error,
            "{Function} failed {Count} times with its message. Moved the message to the queue {Queue}.",
            function.Name,
            message.DequeueCount,
            message.Queue + IMessageReceiver.PoisonSuffix);
    }

    private async Task InvokeAsync(string text, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        using var counted = work.BeginDelivery();
        await function.Invoke(function.Instance(scope.ServiceProvider), text, cancellationToken);
    }
}
