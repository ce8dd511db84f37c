using EventFunctions.Publication;
using EventFunctions.Records;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

/// <summary>Builds what tells of failures.</summary>
internal static class TestNotices
{
    public static MinuteNotices Over(IEventPublisher topic, TimeProvider time, ILogger<MinuteNotices>? log = null) =>
        new(new OwnEventPublisher(TestPublisher.Over(topic, time), Substitute.For<IOwnEventDispatch>()), time, log ?? NullLogger<MinuteNotices>.Instance);

    public static FailureNotices Failures(IEventPublisher topic, TimeProvider time, ILogger<FailureLog>? log = null) =>
        new(new FailureLog(time, log ?? NullLogger<FailureLog>.Instance), Over(topic, time));
}
