using EventFunctions.Administration;
using EventFunctions.Azure;
using EventFunctions.Azure.Blobs;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Azure.Queues;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Intake.Quotas;
using EventFunctions.Intake.Steps;
using EventFunctions.Jobs;
using EventFunctions.Monitoring;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Sqlite;
using EventFunctions.Telemetry;
using EventFunctions.Telemetry.Health;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Hosting;
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
        var schemas = new JsonSchemas();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(configuration);
        return services
            .AddSettings<AdministrationOptions>(configuration, "Administration")
            .AddSettings<ApiOptions>(configuration, "Api")
            .AddSettings<AzureIdentityOptions>(configuration, "AzureIdentity")
            .AddSettings<DeadLetterOptions>(configuration, "DeadLetters")
            .AddSettings<EnrichmentOptions>(configuration, "Enrichment")
            .AddSettings<EntityOptions>(configuration, "Entities")
            .AddSettings<EventGridOptions>(configuration, "EventGrid")
            .AddSettings<IntakeOptions>(configuration, "Intake")
            .AddSettings<JobOptions>(configuration, "Jobs")
            .AddSettings<MonitoringOptions>(configuration, "Monitoring")
            .AddSettings<ProducerClientOptions>(configuration, "ProducerClient")
            .AddSettings<PublicationOptions>(configuration, "Publication")
            .AddSettings<QuotaOptions>(configuration, "Quotas")
            .AddSettings<RegistryOptions>(configuration, "Registry")
            .AddSettings<RelayOptions>(configuration, "Relay")
            .AddStore(configuration)
            .AddEventGridPublisher()
            .AddDeadLetterStore()
            .AddMessageQueue(configuration)
            .AddProducerClient()
            .AddProduction(configuration)
            .AddStreams(configuration)
            .AddDeliveries(configuration)
            .AddWebhooks(configuration)
            .AddSingleton<IValidateOptions<AdministrationOptions>, AdministrationOptionsValidator>()
            .AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>()
            .AddSingleton<IValidateOptions<EnrichmentOptions>, EnrichmentOptionsValidator>()
            .AddSingleton(schemas)
            .AddSingleton<ISchemaCompiler>(schemas)
            .AddSingleton(new FixedProducers(new ConfigurationProducerRegistry(configuration, schemas).Producers))
            .AddSingleton<ProducerReader>()
            .AddSingleton<StoredProducerRegistry>()
            .AddSingleton<IProducerRegistry>(provider => provider.GetRequiredService<StoredProducerRegistry>())
            .AddSingleton<ProducerAdministration>()
            .AddSingleton<ProducerKeyAdministration>()
            .AddSingleton<ProducerKeyReader>()
            .AddSingleton<EventDryRun>()
            .AddResponseHeaders()
            .AddSingleton<BodyLimits>()
            .AddSingleton<RefusalLog>()
            .AddSingleton<KeyRefusals>()
            .AddSingleton<IntakeRefusals>()
            .AddSingleton<EventReception>()
            .AddSingleton<MessageReception>()
            .AddSingleton<PlatformPrincipal>()
            .AddSingleton<AdministrationLog>()
            .AddSingleton<AdministratorAccess>()
            .AddSingleton<ProducerAccess>()
            .AddSingleton<DashboardFiles>()
            .AddSingleton<OpenApiDocument>()
            .AddSingleton<CoalescingPublisher>()
            .AddSingleton<ContinuationToken>()
            .AddSingleton<DeadLetterRecorder>()
            .AddSingleton<EventMetrics>()
            .AddSingleton<EventPreparation>()
            .AddSingleton<QuotaNotices>()
            .AddSingleton<ProducerQuotas>()
            .AddSingleton<IntakeRules>()
            .AddSingleton<RecordingStep>()
            .AddSingleton<FirstPublicationStep>()
            .AddSingleton<IntakeReport>()
            .AddSingleton<EventIntake>()
            .AddSingleton<EventLookup>()
            .AddSingleton<QueueHealth>()
            .AddSingleton<StoreHealth>()
            .AddSingleton<TopicHealth>()
            .AddSingleton<EventAdministration>()
            .AddSingleton<EventJobs>()
            .AddSingleton<JobWork>()
            .AddSingleton<JobRunner>()
            .AddSingleton(provider => new RepublishRate(
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<JobOptions>>().Value.MaxRate))
            .AddSingleton<EventRelay>()
            .AddSingleton(provider => provider.GetRequiredService<IOptions<EnrichmentOptions>>().Value.Retention)
            .AddSingleton<EventEnrichment>()
            .AddSingleton<UnprocessableEvents>()
            .AddSingleton<EntityProjection>()
            .AddSingleton<EntityGenerationStore>()
            .AddSingleton<EntityRebuild>()
            .AddSingleton<EntityLookup>()
            .AddSingleton<Arrivals>()
            .AddSingleton<WatchLog>()
            .AddSingleton(WatchSchedule.Of(configuration["MonitorSchedule"]))
            .AddSingleton<ExpectationReader>()
            .AddSingleton<ProducerWatch>()
            .AddSingleton<RecordedChanges>();
    }

    /// <summary>Adds the headers that every response has; a second call changes nothing.</summary>
    /// <param name="services">The host's services.</param>
    internal static IServiceCollection AddResponseHeaders(this IServiceCollection services)
    {
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ResponseHeaders>());
        return services;
    }

    private static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration) =>
        configuration["Store"] switch
        {
            "Cosmos" => services.AddCosmos(configuration),
            "Sqlite" when AzureMark(configuration) is { } mark => throw Wrong(
                $"Store is Sqlite, but this is Azure ({mark} is set), where instances share no disk and keep none; example: Cosmos."),
            "Sqlite" when configuration.GetSection("Sqlite").GetChildren().FirstOrDefault(setting => !setting.Key.Equals("Path", StringComparison.OrdinalIgnoreCase)) is { } other =>
                throw Wrong($"{other.Path} is no setting; there is Path."),
            "Sqlite" when configuration["Sqlite:Path"] is { Length: > 0 } path => services.AddSqliteEventStore(new SqliteOptions { Path = path }),
            "Sqlite" => throw Wrong("Sqlite:Path is missing; example: /var/lib/eventfunctions/events.db."),
            var store => throw Wrong($"Store is \"{store}\", which is neither Cosmos nor Sqlite; example: Cosmos."),
        };

    // Some plans set only the one, some only the other.
    private static string? AzureMark(IConfiguration configuration) =>
        Array.Find(["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"], name => !string.IsNullOrEmpty(configuration[name]));

    // A method of its own, so that a start with another store does not load the SDK.
    private static IServiceCollection AddCosmos(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSettings<CosmosOptions>(configuration, "Cosmos").AddCosmosEventStore();

    private static OptionsValidationException Wrong(string failure) => new("Store", typeof(string), [failure]);
}
