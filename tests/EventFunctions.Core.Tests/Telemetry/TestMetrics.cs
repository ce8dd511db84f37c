using System.Diagnostics.Metrics;
using EventFunctions.Telemetry;

namespace EventFunctions.Tests.Telemetry;

/// <summary>Makes metrics that no test listens to.</summary>
internal static class TestMetrics
{
    public static EventMetrics Create() => new(new Meters());

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
