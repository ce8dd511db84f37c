using EventFunctions.Http.Webhooks;
using EventFunctions.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions;

/// <summary>Registers customers' webhooks.</summary>
internal static class WebhookServices
{
    /// <summary>Adds them.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration) =>
        services
            .AddSettings<WebhookClientOptions>(configuration, "Webhooks")
            .AddWebhookClient()
            .AddSingleton<WebhookReader>()
            .AddSingleton<WebhookRegistry>()
            .AddSingleton<WebhookTest>();
}
