using Microsoft.Extensions.Configuration;
using OpenTelemetry;

namespace EventFunctions.Composition;

/// <summary>What both hosts export: the service's own spans and metrics, and its outgoing HTTP calls.</summary>
internal static class TelemetrySources
{
    // Sources and meters of this service's own begin so.
    private const string Ours = "EventFunctions*";

    // OpenTelemetry's own: for all signals, or for one.
    private static readonly string[] Collectors =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    /// <summary>Whether OpenTelemetry's variables name a collector.</summary>
    /// <param name="settings">The settings, with the environment's variables.</param>
    public static bool HasCollector(IConfiguration settings) => Array.Exists(Collectors, name => !string.IsNullOrEmpty(settings[name]));

    /// <summary>Adds them.</summary>
    /// <param name="telemetry">The host's telemetry.</param>
    public static IOpenTelemetryBuilder AddServiceSources(this IOpenTelemetryBuilder telemetry) => telemetry
        .WithTracing(traces => traces.AddSource(Ours, "System.Net.Http"))
        .WithMetrics(metrics => metrics.AddMeter(Ours));
}
