using System.Diagnostics.CodeAnalysis;

namespace EventFunctions.Storage;

/// <summary>
/// Queues of short texts, each of which starts a function: at least once, in no order. Names have 3 to 63 small letters,
/// digits and single hyphens; a queue that is missing is made. Every implementation passes one conformance suite.
/// </summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is a queue.")]
public interface IMessageQueue
{
    /// <summary>The longest text, in bytes of UTF-8: what a storage queue takes in base64.</summary>
    const int MaxMessageBytes = 48 * 1024;

    /// <summary>The longest delay: seven days.</summary>
    static TimeSpan MaxDelay { get; } = TimeSpan.FromDays(7);

    /// <summary>Sends a message, which is durable when the task completes and never expires. A send that was cancelled or failed may still have taken effect.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="message">The text, which comes out as it went in: not empty, at most <see cref="MaxMessageBytes"/>.</param>
    /// <param name="delay">For how long nobody gets it; zero to <see cref="MaxDelay"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The name, the text or the delay is none that a queue takes.</exception>
    /// <exception cref="StoreUnavailableException">The queue cannot answer now, or does not let the service send.</exception>
    Task SendAsync(string queue, string message, TimeSpan delay, CancellationToken cancellationToken);

    /// <summary>Finds out whether a queue could be used now; one that is missing could.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ArgumentException">The name is none that a queue takes.</exception>
    /// <exception cref="StoreUnavailableException">The queue cannot answer now, or does not let the service ask.</exception>
    Task CheckAsync(string queue, CancellationToken cancellationToken);
}
