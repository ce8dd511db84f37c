namespace EventFunctions.Publication;

/// <summary>Publishes events to the topic.</summary>
public interface IEventPublisher
{
    /// <summary>The most bytes that one publication may have, array brackets and commas included.</summary>
    const int MaxBytes = 1_000_000;

    /// <summary>The topic's name, by which operators know it.</summary>
    string Topic { get; }

    /// <summary>Publishes all of the events in one request; when it fails, none or all of them may have got through.</summary>
    /// <param name="events">Structured CloudEvents in JSON, UTF-8; together at most <see cref="MaxBytes"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="PublishException">The topic did not take them.</exception>
    Task PublishAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken);
}

/// <summary>Why the topic did not take a publication.</summary>
public enum PublishFailure
{
    /// <summary>No answer, or one that asks to come again (408, 429, 5xx).</summary>
    Unavailable,

    /// <summary>At least one of the events will never be taken (400, 413).</summary>
    Rejected,

    /// <summary>
    /// The service may not publish here, or the topic does not exist (401, 403, 404): the configuration must be corrected.
    /// </summary>
    Denied,
}

/// <summary>The topic did not take a publication.</summary>
public sealed class PublishException(PublishFailure failure, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What kind of failure it was.</summary>
    public PublishFailure Failure { get; } = failure;
}
