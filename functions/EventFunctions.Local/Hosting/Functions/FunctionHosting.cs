using EventFunctions.Http;
using EventFunctions.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>Puts functions into an ASP.NET Core application.</summary>
internal static class FunctionHosting
{
    /// <summary>Adds what runs functions; timers and queues start with the application.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="functions">The functions.</param>
    /// <param name="keys">Their keys.</param>
    public static IServiceCollection AddFunctions(this IServiceCollection services, FunctionCatalog functions, FunctionKeys keys)
    {
        services.TryAddSingleton<RefusalLog>();
        services.TryAddSingleton<KeyRefusals>();
        services
            .AddSingleton(functions)
            .AddSingleton(keys)
            .AddSingleton<WorkInProgress>()
            .AddSingleton<EventGridWebhook>()
            .AddSingleton<SignIn>()
            .AddHostedService<TimerRunner>();
        foreach (var owner in functions.Classes)
        {
            services.AddTransient(owner);
        }

        if (functions.Queues.Count > 0)
        {
            services.AddSingleton(QueueSettings.OfHost()).AddHostedService<QueueRunner>();
        }

        return services;
    }

    /// <summary>Maps the HTTP functions and the Event Grid webhook.</summary>
    /// <param name="endpoints">The application's endpoints.</param>
    public static void MapFunctions(this IEndpointRouteBuilder endpoints)
    {
        var functions = endpoints.ServiceProvider.GetRequiredService<FunctionCatalog>();
        var keys = endpoints.ServiceProvider.GetRequiredService<FunctionKeys>();
        var refusals = endpoints.ServiceProvider.GetRequiredService<KeyRefusals>();
        var logger = endpoints.ServiceProvider.GetRequiredService<ILogger<HttpFunctionEndpoint>>();
        foreach (var function in functions.Http)
        {
            var endpoint = endpoints.Map(function.Route, new HttpFunctionEndpoint(function, keys, refusals, logger).RespondAsync).WithMetadata(function);
            if (function.Methods.Count > 0)
            {
                endpoint.WithMetadata(new HttpMethodMetadata(function.Methods));
            }
        }

        endpoints.MapMethods(
            EventGridWebhook.Path,
            [HttpMethods.Post, HttpMethods.Options],
            endpoints.ServiceProvider.GetRequiredService<EventGridWebhook>().RespondAsync).WithMetadata(new EndpointKey(IsRequired: true));
        endpoints.ServiceProvider.GetRequiredService<SignIn>().Map(endpoints);
        endpoints.MapFrontDoor();
    }
}
