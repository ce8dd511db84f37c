using EventFunctions.Azure;
using EventFunctions.Azure.Blobs;
using EventFunctions.Azure.Queues;
using EventFunctions.Http;
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
        return services.AddAdapters(configuration).AddStages(configuration).AddHttp();
    }

    private static IServiceCollection AddAdapters(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<AzureIdentityOptions>(configuration, "AzureIdentity")
        .AddSettings<EventGridOptions>(configuration, "EventGrid")
        .AddSettings<DeadLetterOptions>(configuration, "DeadLetters")
        .AddSettings<ProducerClientOptions>(configuration, "ProducerClient")
        .AddStore(configuration)
        .AddEventGridPublisher()
        .AddDeadLetterStore()
        .AddMessageQueue(configuration)
        .AddProducerClient();

    private static IServiceCollection AddStages(this IServiceCollection services, IConfiguration configuration) => services
        .AddTelemetryOfStages()
        .AddProducers(configuration)
        .AddPublication(configuration)
        .AddPreparation()
        .AddMonitoring(configuration)
        .AddEntities(configuration)
        .AddIntake(configuration)
        .AddFeeds(configuration)
        .AddEnrichment(configuration)
        .AddWebhooks(configuration)
        .AddDeliveries(configuration)
        .AddQueries(configuration)
        .AddStreams(configuration)
        .AddJobs(configuration)
        .AddTicks(configuration)
        .AddAdministration(configuration);
}
