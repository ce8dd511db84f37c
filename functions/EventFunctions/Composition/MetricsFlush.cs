using EventFunctions.Telemetry;
using OpenTelemetry.Metrics;

namespace EventFunctions.Composition;

/// <summary>Exports OpenTelemetry's metrics at the end of a tick: on Flex Consumption the instance may be gone before the next regular export.</summary>
/// <param name="meters">OpenTelemetry's meters.</param>
internal sealed class MetricsFlush(MeterProvider meters) : IMetricsFlush
{
    private const int TimeoutMilliseconds = 5_000;

    /// <inheritdoc/>
    public Task FlushAsync(CancellationToken cancellationToken) => Task.Run(() => meters.ForceFlush(TimeoutMilliseconds), CancellationToken.None);
}
