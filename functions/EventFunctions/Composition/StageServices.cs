using EventFunctions.Administration;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Http.Webhooks;
using EventFunctions.Intake;
using EventFunctions.Intake.Feeds;
using EventFunctions.Intake.Messages;
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
using EventFunctions.Streams;
using EventFunctions.Telemetry;
using EventFunctions.Telemetry.Health;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>Registers the stages of Core, in their order.</summary>
internal static class StageServices
{
    /// <summary>Adds metrics, health, and the log of refusals.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddTelemetryOfStages(this IServiceCollection services) => services
        .AddSingleton<EventMetrics>()
        .AddSingleton<RefusalLog>()
        .AddSingleton<FailureLog>()
        .AddSingleton<StoreHealth>();

    /// <summary>Adds the registry of producers.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddProducers(this IServiceCollection services, IConfiguration configuration)
    {
        var schemas = new JsonSchemas();
        return services
            .AddSettings<RegistryOptions>(configuration, "Registry")
            .AddSingleton(schemas)
            .AddSingleton<ISchemaCompiler>(schemas)
            .AddSingleton(new FixedProducers(new ConfigurationProducerRegistry(configuration, schemas).Producers))
            .AddSingleton<IProducerSecrets>(new ConfigurationProducerSecrets(configuration))
            .AddSingleton<ProducerReader>()
            .AddSingleton<ProducerKeyReader>()
            .AddSingleton<StoredProducerRegistry>()
            .AddSingleton<IProducerRegistry>(provider => provider.GetRequiredService<StoredProducerRegistry>());
    }

    /// <summary>Adds publication, the relay, and the recording of dead letters.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddPublication(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<PublicationOptions>(configuration, "Publication")
        .AddSettings<RelayOptions>(configuration, "Relay")
        .AddSingleton<TopicHealth>()
        .AddSingleton<CoalescingPublisher>()
        .AddSingleton<EventRelay>()
        .AddSingleton<DeadLetterRecorder>();

    /// <summary>Adds the rules that producers define for their events.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddPreparation(this IServiceCollection services) => services
        .AddSingleton<EventPreparation>();

    /// <summary>Adds the detection of missing events.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<MonitoringOptions>(configuration, "Monitoring")
        .AddSingleton<Arrivals>()
        .AddSingleton<WatchLog>()
        .AddSingleton<ExpectationReader>()
        .AddSingleton<ProducerWatch>();

    /// <summary>Adds the entities, which are derived from changes of the store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddEntities(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<EntityOptions>(configuration, "Entities")
        .AddSingleton<EntityLinks>()
        .AddSingleton<EntityGenerationStore>()
        .AddSingleton<EntityProjection>()
        .AddSingleton<EntityRebuild>()
        .AddSingleton<EntityLookup>()
        .AddSingleton<RecordedChanges>();

    /// <summary>Adds intake: posted events, producers' own messages, and the dry run.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<IntakeOptions>(configuration, "Intake")
        .AddSettings<QuotaOptions>(configuration, "Quotas")
        .AddSingleton<QuotaNotices>()
        .AddSingleton<ProducerQuotas>()
        .AddSingleton<IntakeRules>()
        .AddSingleton<RecordingStep>()
        .AddSingleton<LinkingStep>()
        .AddSingleton<FirstPublicationStep>()
        .AddSingleton<IntakeReport>()
        .AddSingleton<EventIntake>()
        .AddSingleton<MessageVerifier>()
        .AddSingleton<ChallengeResponder>()
        .AddSingleton<EventDryRun>();

    /// <summary>Adds the pulling of producers' feeds.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddFeeds(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<FeedsOptions>(configuration, "Feeds")
        .AddSingleton<FeedRefusals>()
        .AddSingleton<FeedIntake>()
        .AddSingleton<FeedPull>()
        .AddSingleton<FeedProgressReader>();

    /// <summary>Adds enrichment with full data.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddEnrichment(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<EnrichmentOptions>(configuration, "Enrichment")
        .AddSingleton<IValidateOptions<EnrichmentOptions>, EnrichmentOptionsValidator>()
        .AddSingleton(provider => provider.GetRequiredService<IOptions<EnrichmentOptions>>().Value.Retention)
        .AddSingleton<UnprocessableEvents>()
        .AddSingleton<EventEnrichment>();

    /// <summary>Adds the registry of webhooks.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddWebhooks(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<WebhookClientOptions>(configuration, "Webhooks")
        .AddWebhookClient()
        .AddSingleton<WebhookReader>()
        .AddSingleton<WebhookRegistry>()
        .AddSingleton<WebhookTest>();

    /// <summary>Adds deliveries to webhooks.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddDeliveries(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<DeliveryOptions>(configuration, "Deliveries")
        .AddSingleton<QueueHealth>()
        .AddSingleton<WebhookEndpoints>()
        .AddSingleton<DeliveryStore>()
        .AddSingleton<DeliveryPayloads>()
        .AddSingleton<EventDispatch>()
        .AddSingleton<EventDelivery>()
        .AddSingleton<DeliveryLog>()
        .AddSingleton<DeliveryErasure>()
        .AddSingleton<MissedDeliveries>()
        .AddSingleton<DeliveryRequeue>();

    /// <summary>Adds the reading of events.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddQueries(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<ApiOptions>(configuration, "Api")
        .AddSingleton<IValidateOptions<ApiOptions>, ApiOptionsValidator>()
        .AddSingleton<ContinuationToken>()
        .AddSingleton<EventLookup>();

    /// <summary>Adds live events and the feed.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<StreamOptions>(configuration, "Stream")
        .AddSingleton<IValidateOptions<StreamOptions>, StreamOptionsValidator>()
        .AddSingleton<ChangeCursor>()
        .AddSingleton<ChangeHub>()
        .AddSingleton<EventStreams>()
        .AddSingleton<EventFeed>();

    /// <summary>Adds jobs.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<JobOptions>(configuration, "Jobs")
        .AddSingleton(provider => new RepublishRate(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<JobOptions>>().Value.MaxRate))
        .AddSingleton<EventJobs>()
        .AddSingleton<JobWork>()
        .AddSingleton<JobRunner>()
        .AddSingleton<BackgroundWork>()
        .AddSingleton<JobStart>();

    /// <summary>Adds what administrators change.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddAdministration(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<AdministrationOptions>(configuration, "Administration")
        .AddSingleton<IValidateOptions<AdministrationOptions>, AdministrationOptionsValidator>()
        .AddSingleton<AdministrationLog>()
        .AddSingleton<ProducerAdministration>()
        .AddSingleton<ProducerKeyAdministration>()
        .AddSingleton<EventAdministration>();
}
