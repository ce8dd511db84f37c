using EventFunctions.Publication;
using EventFunctions.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Publication;

/// <summary>Builds what tells of failures.</summary>
internal static class TestNotices
{
    public static MinuteNotices Over(IEventPublisher topic, TimeProvider time, ILogger<MinuteNotices>? log = null) =>
        new(TestPublisher.Over(topic, time), time, log ?? NullLogger<MinuteNotices>.Instance);

    public static FailureNotices Failures(IEventPublisher topic, TimeProvider time, ILogger<FailureLog>? log = null) =>
        new(new FailureLog(time, log ?? NullLogger<FailureLog>.Instance), Over(topic, time));
}
