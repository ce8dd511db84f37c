using EventFunctions.Composition;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EventFunctions.Local.Hosting;

/// <summary>Where the embedded host's traces, metrics and logs go: to an OTLP collector, or nowhere.</summary>
internal static class Telemetry
{
    /// <summary>
    /// Adds the exporter for the collector in OpenTelemetry's own variables (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c> and related ones); loads
    /// nothing without them.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The settings.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration settings) =>
        TelemetrySources.HasCollector(settings) ? services.AddExporter() : services;

    private static IServiceCollection AddExporter(this IServiceCollection services)
    {
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.Clear().AddService(nameof(EventFunctions)).AddTelemetrySdk().AddEnvironmentVariableDetector())
            .WithTracing(traces => traces.AddAspNetCoreInstrumentation())
            .WithLogging(null, logs => logs.IncludeFormattedMessage = true)
            .AddServiceSources()
            .UseOtlpExporter();
        return services;
    }
}
