using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace EventFunctions.Worker;

/// <summary>
/// Starts telemetry after the connection to the Functions host, which waits for that one alone; OpenTelemetry itself starts before everything else.
/// </summary>
/// <param name="loggers">Where its logger is added.</param>
/// <param name="makeLogs">Makes its logger.</param>
internal sealed class LateTelemetry(ILoggerFactory loggers, Func<ILoggerProvider> makeLogs) : IHostedService
{
    /// <summary>Moves the start of telemetry behind the hosted services that there are.</summary>
    /// <param name="services">The host's services, with telemetry.</param>
    public static IServiceCollection AddTo(IServiceCollection services)
    {
        var start = services.First(one => one.ServiceType == typeof(IHostedService) && one.ImplementationType?.Assembly == typeof(OpenTelemetryBuilder).Assembly);
        var makeLogs = services.Select(one => one.ImplementationFactory).OfType<Func<IServiceProvider, OpenTelemetryLoggerProvider>>().First();
        services.Remove(start);
        services.Remove(services.First(one => ReferenceEquals(one.ImplementationFactory, makeLogs)));
        services.Add(start);

        // The check of settings would start it, for rules that this service does not have.
        services.RemoveAll<IMetricsListener>();
        return services.AddHostedService(provider => new LateTelemetry(provider.GetRequiredService<ILoggerFactory>(), () => makeLogs(provider)));
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
