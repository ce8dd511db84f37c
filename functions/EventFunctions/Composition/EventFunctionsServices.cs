using EventFunctions.Azure;
using EventFunctions.Azure.Blobs;
using EventFunctions.Azure.Queues;
using EventFunctions.Http;
using EventFunctions.Http.Webhooks;
using EventFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>The composition root of both hosts: which adapter stands behind which port, by setting.</summary>
public static class EventFunctionsServices
{
    /// <summary>Adds the service.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong; what only shows together is checked when the host starts.</exception>
    public static IServiceCollection AddEventFunctions(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(configuration);
        return services.AddAdapters(configuration).AddStages(configuration).AddHttp().AddHostedService<FixedProducerCheck>();
    }

    private static IServiceCollection AddAdapters(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<AzureIdentityOptions>(configuration, "AzureIdentity")
        .AddSettings<EventGridOptions>(configuration, "EventGrid")
        .AddSettings<ProducerClientOptions>(configuration, "ProducerClient")
        .AddStore(configuration)
        .AddEventGridPublisher()
        .AddDeadLetterStore(configuration)
        .AddMessageQueue(configuration)
        .AddProducerClient()
        .AddSettings<WebhookClientOptions>(configuration, "Webhooks")
        .AddWebhookClient();
}
