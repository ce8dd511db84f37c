using Azure.Monitor.OpenTelemetry.Exporter;
using EventFunctions.Azure;
using EventFunctions.Composition;
using EventFunctions.Telemetry;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry;

namespace EventFunctions.Worker;

/// <summary>Where the deployed app's traces, metrics and logs go: to Azure Monitor, an OTLP collector, both, or nowhere.</summary>
internal static class WorkerTelemetry
{
    private const string Insights = "APPLICATIONINSIGHTS_CONNECTION_STRING";
    private const string InsightsAuthentication = "APPLICATIONINSIGHTS_AUTHENTICATION_STRING";
    private const string Sampler = "OTEL_TRACES_SAMPLER";

    /// <summary>Adds what the settings name; nothing is loaded where they name nothing.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The settings.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration settings)
    {
        services.Configure<LoggerFilterOptions>(Quiet);
        return settings[Insights] is null && !TelemetrySources.HasCollector(settings) ? services : services.AddExporters(settings);
    }

    // As on the embedded host. Before all other rules, so that the settings Logging:LogLevel:… have the last word.
    private static void Quiet(LoggerFilterOptions levels)
    {
        levels.MinLevel = LogLevel.Warning;
        levels.Rules.Insert(0, new LoggerFilterRule(null, nameof(EventFunctions), LogLevel.Information, null));
    }

    private static IServiceCollection AddExporters(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton<IMetricsFlush, MetricsFlush>();
        var telemetry = services.AddOpenTelemetry()
            .UseFunctionsWorkerDefaults()
            .AddServiceSources();
        if (settings[Insights] is not null)
        {
            telemetry.UseAzureMonitorExporter(exporter =>
            {
                // Five traces a second by default, and the log lines of the others with them: a failure that nobody finds.
                exporter.EnableTraceBasedLogsSampler = false;
                if (settings[Sampler] is null)
                {
                    exporter.TracesPerSecond = null;
                    exporter.SamplingRatio = 1;
                }
            });
            if (settings[InsightsAuthentication]?.Contains("Authorization=AAD", StringComparison.OrdinalIgnoreCase) == true)
            {
                services.AddOptions<AzureMonitorExporterOptions>()
                    .Configure<AzureIdentity>((options, identity) => options.Credential = identity.Credential);
            }
        }

        if (TelemetrySources.HasCollector(settings))
        {
            telemetry.UseOtlpExporter();
        }

        return LateTelemetry.AddTo(services);
    }
}
