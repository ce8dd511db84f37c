using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFunctions.Local.EventGrid;

/// <summary>Adds a local Event Grid to a host.</summary>
public static class LocalEventGridExtensions
{
    /// <summary>Adds the local Event Grid.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The settings.</param>
    public static IServiceCollection AddLocalEventGrid(this IServiceCollection services, LocalEventGridOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<LocalEventGrid>();
        services.AddHostedService(provider => provider.GetRequiredService<LocalEventGrid>());
        return services;
    }

    /// <summary>Maps the publish endpoints, <c>POST {PathPrefix}/{topic}/api/events</c>, and the URLs by which a webhook agrees to its subscription.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="refused">Gets the reason of each publication that is refused.</param>
    /// <exception cref="GridConfigurationException">Topics or subscriptions are wrong.</exception>
    public static IEndpointConventionBuilder MapLocalEventGrid(this IEndpointRouteBuilder endpoints, Action<string>? refused = null)
    {
        var grid = endpoints.ServiceProvider.GetRequiredService<LocalEventGrid>();
        var prefix = endpoints.ServiceProvider.GetRequiredService<LocalEventGridOptions>().PathPrefix.TrimEnd('/');
        var server = endpoints.ServiceProvider.GetRequiredService<IServer>();
        grid.UseAddresses(() => server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(address => new Uri(address)).FirstOrDefault(), prefix);
        endpoints.MapMethods(prefix + "/{topic}/eventsubscriptions/{subscription}/validate", [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post], grid.ValidateAsync);
        return endpoints.MapPost(prefix + "/{topic}/api/events", context => grid.PublishAsync(context, refused));
    }
}
