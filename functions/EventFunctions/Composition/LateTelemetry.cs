using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace EventFunctions.Composition;

/// <summary>
/// Starts telemetry after the worker has connected: the Functions host waits for the connection, and by default OpenTelemetry starts first.
/// Earlier lines are not exported.
/// </summary>
/// <param name="loggers">Gets the logger of telemetry.</param>
/// <param name="makeLogs">Creates that logger.</param>
internal sealed class LateTelemetry(ILoggerFactory loggers, Func<ILoggerProvider> makeLogs) : IHostedService
{
    /// <summary>Moves the start of telemetry after the hosted services registered so far.</summary>
    /// <param name="services">The host's services, with telemetry.</param>
    public static IServiceCollection AddTo(IServiceCollection services)
    {
        // Validation at start would create it. It only serves metrics rules, and this service has none.
        services.RemoveAll<IMetricsListener>();
        if (services.FirstOrDefault(one => one.ServiceType == typeof(IHostedService) && one.ImplementationType?.Assembly == typeof(OpenTelemetryBuilder).Assembly) is { } start)
        {
            services.Remove(start);
            services.Add(start);
        }

        if (services.FirstOrDefault(one => one.ImplementationFactory is Func<IServiceProvider, OpenTelemetryLoggerProvider>) is { } logs)
        {
            services.Remove(logs);
            services.AddHostedService(provider => new LateTelemetry(
                provider.GetRequiredService<ILoggerFactory>(), () => (ILoggerProvider)logs.ImplementationFactory!(provider)));
        }

        return services;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.AddProvider(makeLogs());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
