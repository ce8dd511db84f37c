using OpenTelemetry;

namespace EventFunctions;

/// <summary>What both hosts export: the service's own spans and metrics, and its outgoing HTTP calls.</summary>
internal static class TelemetrySources
{
    // Sources and meters of this service's own begin so.
    private const string Ours = "EventFunctions*";

    /// <summary>Adds them.</summary>
    /// <param name="telemetry">The host's telemetry.</param>
    public static IOpenTelemetryBuilder AddServiceSources(this IOpenTelemetryBuilder telemetry) => telemetry
        .WithTracing(traces => traces.AddSource(Ours, "System.Net.Http"))
        .WithMetrics(metrics => metrics.AddMeter(Ours));
}
