using EventFunctions.Producers;
using EventFunctions.Publication;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Intake.Quotas;

/// <summary>Publishes and logs that a producer exceeds its quota, once per producer and minute.</summary>
public sealed class QuotaNotices(MinuteNotices notices, ILogger<QuotaNotices> logger)
{
    /// <summary>Reports that a producer exceeds its quota now. The request does not wait for the publication.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="eventsPerMinute">Its quota.</param>
    public void Exceeded(Producer producer, int eventsPerMinute)
    {
        ArgumentNullException.ThrowIfNull(producer);
        if (notices.Publish($"{QuotaEvent.ExceededType} {producer.Name}", minute => QuotaEvent.Create(producer, eventsPerMinute, minute)))
        {
            logger.LogWarning("The producer {Producer} exceeds its quota of {EventsPerMinute} events per minute.", producer.Name, eventsPerMinute);
        }
    }
}
