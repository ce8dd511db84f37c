using System.Buffers;
using System.Text;

namespace EventFunctions.Storage.Queues;

/// <summary>Limits of every queue, so that all implementations accept the same messages.</summary>
public static class QueueRules
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyz");

    /// <summary>Checks a message before it is sent.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="message">The text.</param>
    /// <param name="delay">For how long nobody gets it.</param>
    /// <returns>The text in UTF-8.</returns>
    /// <exception cref="ArgumentException">One of them is none that a queue takes.</exception>
    public static byte[] Check(string queue, string message, TimeSpan delay)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, IMessageQueue.MaxDelay);
        Check(queue);
        var text = Strict.GetBytes(message);
        return text.Length <= IMessageQueue.MaxMessageBytes
            ? text
            : throw new ArgumentException($"A message may have at most {IMessageQueue.MaxMessageBytes} bytes; this one has {text.Length}.", nameof(message));
    }

    /// <summary>Checks a queue's name.</summary>
    /// <param name="queue">The name.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static void Check(string queue)
    {
        if (!IsName(queue))
        {
            throw new ArgumentException($"\"{queue}\" is not a queue name; example: webhook-deliveries.", nameof(queue));
        }
    }

    /// <summary>Whether a text may be a queue's name.</summary>
    /// <param name="queue">The text.</param>
    public static bool IsName(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return queue.Length is >= 3 and <= 63
            && !queue.AsSpan().ContainsAnyExcept(NameCharacters)
            && queue is not ['-', ..] and not [.., '-']
            && !queue.Contains("--", StringComparison.Ordinal);
    }
}
