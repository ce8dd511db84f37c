using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Logging;

/// <summary>Removes secrets and control characters from the lines of every logger of a host.</summary>
/// <param name="inner">Makes the loggers.</param>
internal sealed class SafeLoggerFactory(LoggerFactory inner) : ILoggerFactory
{
    /// <summary>Puts the factory in the place of the host's own.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddTo(IServiceCollection services) => services
        .AddSingleton<LoggerFactory>()
        .Replace(ServiceDescriptor.Singleton<ILoggerFactory>(provider => new SafeLoggerFactory(provider.GetRequiredService<LoggerFactory>())));

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new SafeLogger(inner.CreateLogger(categoryName));

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>Leaves the inner factory to the host, which made it.</summary>
    public void Dispose()
    {
    }
}
