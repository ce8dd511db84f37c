using EventFunctions.Jobs;
using EventFunctions.Storage;
using EventFunctions.Tests.Telemetry;
using EventFunctions.Ticks;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Ticks;

/// <summary>Looks for an overdue tick that has no parts.</summary>
internal static class TestOverdueTick
{
    public static OverdueTick Over(IDocumentStore documents, TimeProvider time)
    {
        var log = new TickLog(documents, time);
        var tick = new ServiceTick([], log, TestMetrics.Create(), time, NullLogger<ServiceTick>.Instance);
        return new OverdueTick(tick, log, TickSchedule.Of(null), new BackgroundWork(NullLogger<BackgroundWork>.Instance), time);
    }
}
