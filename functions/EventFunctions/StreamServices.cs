using EventFunctions.Streams;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions;

/// <summary>Registers the ways in which applications learn of events while they happen.</summary>
internal static class StreamServices
{
    /// <summary>Adds them.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration) =>
        services
            .AddSettings<StreamOptions>(configuration, "Stream")
            .AddSingleton<ChangeCursor>()
            .AddSingleton<ChangeHub>()
            .AddSingleton<EventStreams>()
            .AddSingleton<EventFeed>();
}
