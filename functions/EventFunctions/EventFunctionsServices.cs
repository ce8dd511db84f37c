using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions;

/// <summary>The composition root of both hosts: which adapter stands behind which port, by setting.</summary>
public static class EventFunctionsServices
{
    /// <summary>Adds the service.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddEventFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return services;
    }
}
