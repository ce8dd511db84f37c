using Microsoft.Extensions.Logging;

namespace EventFunctions.Publication;

/// <summary>
/// Reports whether the topic accepts events, by this instance's last publication: no request is made to find out. Logs when the topic
/// rejects the service's credentials, and again while that lasts.
/// </summary>
public sealed class TopicHealth(TimeProvider time, ILogger<TopicHealth> logger)
{
    /// <summary>How long a failure that nothing followed says anything about now.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private long? _failedAt;
    private long? _loggedAt;

    /// <summary>Whether the last publication got through, or is too long ago to tell.</summary>
    public bool IsHealthy
    {
        get
        {
            lock (_lock)
            {
                return _failedAt is not { } at || time.GetElapsedTime(at) > MaxAge;
            }
        }
    }

    /// <summary>The topic has answered a publication as it should, though perhaps not taken it.</summary>
    public void Responded()
    {
        lock (_lock)
        {
            (_failedAt, _loggedAt) = (null, null);
        }
    }

    /// <summary>The topic has not answered a publication, or refused the service.</summary>
    /// <param name="failure">What happened.</param>
    public void Failed(PublishException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        lock (_lock)
        {
            _failedAt = time.GetTimestamp();
            if (failure.Failure != PublishFailure.Denied || (_loggedAt is { } told && time.GetElapsedTime(told) < MaxAge))
            {
                return;
            }

            _loggedAt = _failedAt;
        }

        logger.LogError(
            "Event Grid rejects this service's credentials: {Reason} Check EventGrid:Endpoint and EventGrid:Key or, without a key, give the service's "
            + "identity the role EventGrid Data Sender on the topic. Events are still recorded, and published when this works.",
            failure.Message);
    }
}
