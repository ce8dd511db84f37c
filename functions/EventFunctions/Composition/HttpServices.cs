using EventFunctions.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFunctions.Composition;

/// <summary>Registers what functions answer requests with.</summary>
internal static class HttpServices
{
    /// <summary>Adds access, bodies and pages.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddHttp(this IServiceCollection services) => services
        .AddResponseHeaders()
        .AddServerLimits()
        .AddSingleton<PlatformPrincipal>()
        .AddSingleton<KeyRefusals>()
        .AddSingleton<AdministratorAccess>()
        .AddSingleton<ProducerAccess>()
        .AddSingleton<AllowedOrigins>()
        .AddSingleton<BodyLimits>()
        .AddSingleton<IntakeRefusals>()
        .AddSingleton<JobTargets>()
        .AddSingleton<RegistrationHints>()
        .AddSingleton<EventGridReception>()
        .AddSingleton<EventReception>()
        .AddSingleton<MessageReception>()
        .AddSingleton<DashboardFiles>()
        .AddSingleton<OpenApiDocument>();

    /// <summary>Adds the headers that every response has; a second call changes nothing.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddResponseHeaders(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ResponseHeaders>());
        return services;
    }

    /// <summary>Sets the same limits of the server in every host.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddServerLimits(this IServiceCollection services) =>
        services.Configure<KestrelServerOptions>(ServerLimits.Apply);
}
