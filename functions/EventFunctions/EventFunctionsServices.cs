using EventFunctions.Azure;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Consumption;
using EventFunctions.Enrichment;
using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Ports;
using EventFunctions.Preparation.Schemas;
using EventFunctions.Publication;
using EventFunctions.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions;

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
        ISchemaCompiler schemas = new NoSchemas();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(configuration);
        return services
            .AddSettings<ApiOptions>(configuration, "Api")
            .AddSettings<AzureIdentityOptions>(configuration, "AzureIdentity")
            .AddSettings<EnrichmentOptions>(configuration, "Enrichment")
            .AddSettings<EventGridOptions>(configuration, "EventGrid")
            .AddSettings<IntakeOptions>(configuration, "Intake")
            .AddSettings<ProducerClientOptions>(configuration, "ProducerClient")
            .AddSettings<PublicationOptions>(configuration, "Publication")
            .AddSettings<RelayOptions>(configuration, "Relay")
            .AddStore(configuration)
            .AddEventGridPublisher()
            .AddProducerClient()
            .AddProduction(configuration)
            .AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>()
            .AddSingleton<IValidateOptions<EnrichmentOptions>, EnrichmentOptionsValidator>()
            .AddSingleton(schemas)
            .AddSingleton<IProducerRegistry>(new ConfigurationProducerRegistry(configuration, schemas))
            .AddSingleton<CoalescingPublisher>()
            .AddSingleton<ContinuationToken>()
            .AddSingleton<EventIntake>()
            .AddSingleton<EventLookup>()
            .AddSingleton<StoreHealth>()
            .AddSingleton<EventRelay>()
            .AddSingleton<EventEnrichment>();
    }

    private static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration) =>
        configuration["Store"] switch
        {
            "Cosmos" => services.AddCosmos(configuration),
            "Sqlite" when configuration["Sqlite:Path"] is { Length: > 0 } path => services.AddSqliteEventStore(new SqliteOptions { Path = path }),
            "Sqlite" => throw Wrong("Sqlite:Path is missing; example: /var/lib/eventfunctions/events.db."),
            var store => throw Wrong($"Store is \"{store}\", which is neither Cosmos nor Sqlite; example: Cosmos."),
        };

    // A method of its own, so that a start with another store does not load the SDK.
    private static IServiceCollection AddCosmos(this IServiceCollection services, IConfiguration configuration) =>
        services.Configure<CosmosOptions>(configuration.GetSection("Cosmos")).AddCosmosEventStore();

    private static OptionsValidationException Wrong(string failure) => new("Store", typeof(string), [failure]);
}
