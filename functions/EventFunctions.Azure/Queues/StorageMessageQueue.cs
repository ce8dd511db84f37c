using System.Collections.Concurrent;
using System.Text;
using Azure;
using Azure.Identity;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using EventFunctions.Storage;
using EventFunctions.Storage.Queues;

namespace EventFunctions.Azure.Queues;

/// <summary>
/// The queues of a storage account. Texts are written in base64, which is how the Functions host reads them unless
/// <c>host.json</c> says otherwise.
/// </summary>
/// <param name="account">The account, with messages as they are.</param>
internal sealed class StorageMessageQueue(QueueServiceClient account) : IMessageQueue, IMessageReceiver
{
    private static readonly TimeSpan Never = TimeSpan.FromSeconds(-1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, QueueClient> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TimeSpan> _pauses = new(StringComparer.Ordinal);
    private readonly QueueSignals _signals = new();

    public async Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancellationToken)
    {
        var text = Convert.ToBase64String(QueueRules.Check(queue, message, delay));
        await SendTextAsync(queue, text, delay, cancellationToken);
        if (delay == TimeSpan.Zero)
        {
            _signals.Give(queue);
        }
    }

    public Task CheckAsync(string queue, CancellationToken cancellationToken)
    {
        QueueRules.Check(queue);
        return CallAsync(client => client.GetPropertiesAsync(cancellationToken), queue, cancellationToken);
    }

    public async Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string queue, int limit, TimeSpan hidden, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, IMessageReceiver.MaxClaim);
        QueueRules.Check(queue);
        var messages = await CallAsync<IReadOnlyList<QueueMessage>>(async client => (await client.ReceiveMessagesAsync(limit, hidden, cancellationToken)).Value, queue, cancellationToken);
        if (messages.Count > 0)
        {
            _pauses.TryRemove(queue, out _);
        }

        return [.. messages.Select(message => new ClaimedMessage(queue, message.MessageId, message.PopReceipt, Decode(message.MessageText), message.DequeueCount))];
    }

    public async Task<ClaimedMessage?> RenewAsync(ClaimedMessage message, TimeSpan hidden, CancellationToken cancellationToken) =>
        await HideAsync(message, hidden, cancellationToken) is { } receipt ? message with { Receipt = receipt } : null;

    public async Task<bool> ReturnAsync(ClaimedMessage message, TimeSpan delay, CancellationToken cancellationToken) =>
        await HideAsync(message, delay, cancellationToken) is not null;

    public Task<bool> CompleteAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return UnlessLostAsync(
            async client =>
            {
                await client.DeleteMessageAsync(message.Id, message.Receipt, cancellationToken);
                return true;
            },
            message.Queue,
            cancellationToken);
    }

    // Sent before it is removed, so that a crash between leaves two rather than none.
    public async Task<bool> SetAsideAsync(ClaimedMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        await SendTextAsync(message.Queue + IMessageReceiver.PoisonSuffix, Convert.ToBase64String(Encoding.UTF8.GetBytes(message.Text)), TimeSpan.Zero, cancellationToken);
        return await CompleteAsync(message, cancellationToken);
    }

    // Other processes send without a signal to this one: it asks less and less often while the queue is empty.
    public Task WaitAsync(string queue, CancellationToken cancellationToken)
    {
        var pause = _pauses.AddOrUpdate(queue, ShortestPause, static (_, last) => last * 2 < LongestPause ? last * 2 : LongestPause);
        return _signals.WaitAsync(queue, pause, cancellationToken);
    }

    private Task<Response<SendReceipt>> SendTextAsync(string queue, string text, TimeSpan delay, CancellationToken cancellationToken) =>
        CallAsync(client => client.SendMessageAsync(text, delay, Never, cancellationToken), queue, cancellationToken);

    private Task<string?> HideAsync(ClaimedMessage message, TimeSpan hidden, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return UnlessLostAsync(
            async client => (await client.UpdateMessageAsync(message.Id, message.Receipt, visibilityTimeout: hidden, cancellationToken: cancellationToken)).Value.PopReceipt,
            message.Queue,
            cancellationToken);
    }

    private async Task<T?> UnlessLostAsync<T>(Func<QueueClient, Task<T>> call, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync(call, queue, cancellationToken);
        }
        catch (StoreUnavailableException e) when (e.InnerException is RequestFailedException
        {
            ErrorCode: "MessageNotFound" or "PopReceiptMismatch",
        })
        {
            return default;
        }
    }

    private async Task<T> CallAsync<T>(Func<QueueClient, Task<T>> call, string queue, CancellationToken cancellationToken)
    {
        var client = _queues.GetOrAdd(queue, account.GetQueueClient);
        try
        {
            try
            {
                return await call(client);
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await client.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
                return await call(client);
            }
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or AggregateException)
        {
            throw new StoreUnavailableException(Explain(queue, e), e);
        }
    }

    // What somebody else sent may be no base64: it is for the function to say what it is worth.
    private static string Decode(string text)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            return text;
        }
    }

    private static string Explain(string queue, Exception error) => error switch
    {
        RequestFailedException { Status: 401 or 403 } e =>
            $"The storage account denies the service access to the queue {queue} ({e.Status} {e.ErrorCode}). Give its identity the role \"Storage Queue Data Contributor\" "
            + $"on the account, and allow it through the account's firewall; locally, check {QueueStorageOptions.Section}.",
        RequestFailedException { Status: > 0 } e => $"The storage account answered {e.Status} {e.ErrorCode} for the queue {queue}.",
        AuthenticationFailedException => $"The queue {queue} cannot be used. {Identity.Missing}",

        // After retries, one for each try; the last is what stands.
        AggregateException { InnerExceptions: [.., var last] } => Explain(queue, last),
        _ => $"The storage account of the queue {queue} cannot be reached. Check {QueueStorageOptions.Section}, and the account's firewall.",
    };
}
