using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions;

/// <summary>The service's own deliveries to customers' webhooks.</summary>
internal static class DeliveryServices
{
    /// <summary>Adds dispatch and delivery.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddDeliveries(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<DeliveryOptions>(configuration, "Deliveries")
        .AddSingleton<WebhookEndpoints>()
        .AddSingleton<DeliveryStore>()
        .AddSingleton<DeliveryPayloads>()
        .AddSingleton<EventDispatch>()
        .AddSingleton<EventDelivery>()
        .AddSingleton<DeliveryLog>()
        .AddSingleton<DeliveryErasure>()
        .AddSingleton<MissedDeliveries>()
        .AddSingleton<DeliveryRequeue>();
}
