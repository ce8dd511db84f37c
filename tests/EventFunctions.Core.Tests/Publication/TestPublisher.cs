using EventFunctions.Publication;
using EventFunctions.Telemetry;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Publication;

/// <summary>Builds a publisher over a topic of a test.</summary>
internal static class TestPublisher
{
    public static CoalescingPublisher Over(
        IEventPublisher topic, TimeProvider time, PublicationOptions? options = null, TopicHealth? health = null, EventMetrics? metrics = null) =>
        new(
            topic,
            time,
            Options.Create(options ?? new PublicationOptions()),
            health ?? new TopicHealth(time, NullLogger<TopicHealth>.Instance),
            metrics ?? TestMetrics.Create());
}
