namespace EventFunctions.Storage;

/// <summary>
/// The receiving end of <see cref="IMessageQueue"/>, for a host that runs functions itself. A claimed message is hidden for a while. If it
/// is neither completed nor renewed in that time, it can be claimed again.
/// </summary>
/// <remarks>Every method throws <see cref="StoreUnavailableException"/> when the queue cannot answer now.</remarks>
public interface IMessageReceiver
{
    /// <summary>The most messages of one claim.</summary>
    const int MaxClaim = 32;

    /// <summary>What the name of the queue of those messages ends with that failed too often.</summary>
    const string PoisonSuffix = "-poison";

    /// <summary>Claims messages that are due; concurrent receivers never claim the same one.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="limit">The most messages, 1 to <see cref="MaxClaim"/>.</param>
    /// <param name="hidden">For how long they are this receiver's.</param>
    /// <param name="cancellationToken">Ends the wait; messages claimed meanwhile come again when their time is over.</param>
    /// <returns>The messages; none where none is due.</returns>
    Task<IReadOnlyList<ClaimedMessage>> ClaimAsync(string queue, int limit, TimeSpan hidden, CancellationToken cancellationToken);

    /// <summary>Keeps a message for longer.</summary>
    /// <param name="message">The message.</param>
    /// <param name="hidden">For how long, from now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The message as it is to be used from now on; null where it was lost.</returns>
    Task<ClaimedMessage?> RenewAsync(ClaimedMessage message, TimeSpan hidden, CancellationToken cancellationToken);

    /// <summary>Gives a message back.</summary>
    /// <param name="message">The message.</param>
    /// <param name="delay">For how long nobody gets it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where it was lost.</returns>
    Task<bool> ReturnAsync(ClaimedMessage message, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Removes a message for good.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where it was lost, and comes again.</returns>
    Task<bool> CompleteAsync(ClaimedMessage message, CancellationToken cancellationToken);

    /// <summary>Moves a message to the queue's poison queue, at least once.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where it was lost.</returns>
    Task<bool> SetAsideAsync(ClaimedMessage message, CancellationToken cancellationToken);

    /// <summary>Waits until there may be something to claim: a message was sent, a message is due, or the queue must be asked.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task WaitAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>A message in the hands of a receiver.</summary>
/// <param name="Queue">The queue's name.</param>
/// <param name="Id">Which message it is, in the queue's own form.</param>
/// <param name="Receipt">Which claim of it this is, in the queue's own form.</param>
/// <param name="Text">What was sent.</param>
/// <param name="DequeueCount">How often it has been claimed, this time included.</param>
public sealed record ClaimedMessage(string Queue, string Id, string Receipt, string Text, long DequeueCount);
