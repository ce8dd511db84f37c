using EventFunctions.Administration;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Intake;
using EventFunctions.Intake.EventGrid;
using EventFunctions.Intake.Feeds;
using EventFunctions.Intake.Messages;
using EventFunctions.Intake.Quotas;
using EventFunctions.Intake.Refusals;
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
using EventFunctions.Settings;
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
public static class StageServices
{
    /// <summary>Adds all stages.</summary>
    /// <param name="services">The host's services, with its adapters.</param>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static IServiceCollection AddStages(this IServiceCollection services, IConfiguration configuration) => services
        .AddTelemetryOfStages()
        .AddProducers(configuration)
        .AddPublication(configuration)
        .AddPreparation()
        .AddMonitoring(configuration)
        .AddEntities()
        .AddIntake(configuration)
        .AddFeeds(configuration)
        .AddEnrichment(configuration)
        .AddWebhooks()
        .AddDeliveries(configuration)
        .AddQueries(configuration)
        .AddStreams(configuration)
        .AddJobs(configuration)
        .AddTicks(configuration)
        .AddAdministration(configuration);

    // Adds metrics, health, and the log of refusals.
    private static IServiceCollection AddTelemetryOfStages(this IServiceCollection services) => services
        .AddSingleton<EventMetrics>()
        .AddSingleton<RefusalLog>()
        .AddSingleton<FailureLog>()
        .AddSingleton<OwnEventPublisher>()
        .AddSingleton<MinuteNotices>()
        .AddSingleton<FailureNotices>()
        .AddSingleton<StoreHealth>();

    // Adds the registry of producers.
    private static IServiceCollection AddProducers(this IServiceCollection services, IConfiguration configuration)
    {
        var schemas = new JsonSchemas();
        return services
            .AddSettings<RegistryOptions>(configuration, "Registry")
            .AddSingleton(schemas)
            .AddSingleton<ISchemaCompiler>(schemas)
            .AddSingleton(new FixedProducers(ConfiguredProducers.Read(configuration, schemas)))
            .AddSingleton<IProducerSecrets>(new ConfigurationProducerSecrets(configuration))
            .AddSingleton<ProducerRequirements>()
            .AddSingleton<ProducerReader>()
            .AddSingleton<ProducerKeyReader>()
            .AddSingleton<StoredProducerRegistry>()
            .AddSingleton<IProducerRegistry>(provider => provider.GetRequiredService<StoredProducerRegistry>());
    }

    // Adds publication, the relay, and the recording of dead letters.
    private static IServiceCollection AddPublication(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<PublicationOptions>(configuration, "Publication")
        .AddSettings<RelayOptions>(configuration, "Relay")
        .AddSingleton<TopicHealth>()
        .AddSingleton<CoalescingPublisher>()
        .AddSingleton<EventRelay>()
        .AddSingleton<DeadLetterRecorder>();

    // Adds the rules that producers define for their events.
    private static IServiceCollection AddPreparation(this IServiceCollection services) => services
        .AddSingleton<EventPreparation>();

    // Adds the detection of missing events.
    private static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<MonitoringOptions>(configuration, "Monitoring")
        .AddSingleton<Arrivals>()
        .AddSingleton<WatchLog>()
        .AddSingleton<ExpectationReader>()
        .AddSingleton<ProducerWatch>();

    // Adds the entities, which are derived from the links of events.
    private static IServiceCollection AddEntities(this IServiceCollection services) => services
        .AddSingleton<EntityLinks>()
        .AddSingleton<EntityLookup>();

    // Adds intake: posted events, producers' own messages, and the dry run.
    private static IServiceCollection AddIntake(this IServiceCollection services, IConfiguration configuration) => services
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
        .AddSingleton<EventRefusals>()
        .AddSingleton<EachAloneIntake>()
        .AddSingleton<EventGridIntake>()
        .AddSingleton<MessageVerifier>()
        .AddSingleton<ChallengeResponder>()
        .AddSingleton<EventDryRun>();

    // Adds the pulling of producers' feeds.
    private static IServiceCollection AddFeeds(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<FeedsOptions>(configuration, "Feeds")
        .AddSingleton<FeedIntake>()
        .AddSingleton<FeedPull>()
        .AddSingleton<FeedProgressReader>();

    // Adds enrichment with full data.
    private static IServiceCollection AddEnrichment(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<EnrichmentOptions>(configuration, "Enrichment")
        .AddSingleton(provider => provider.GetRequiredService<IOptions<EnrichmentOptions>>().Value.Retention)
        .AddSingleton<PartRunner>()
        .AddSingleton<IPendingParts>(provider => provider.GetRequiredService<PartRunner>())
        .AddSingleton<FullDataFetch>()
        .AddSingleton<EventEnrichment>();

    // Adds the registry of webhooks.
    private static IServiceCollection AddWebhooks(this IServiceCollection services) => services
        .AddSingleton<WebhookReader>()
        .AddSingleton<WebhookRegistry>()
        .AddSingleton<WebhookTest>();

    // Adds deliveries to webhooks.
    private static IServiceCollection AddDeliveries(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<DeliveryOptions>(configuration, "Deliveries")
        .AddSingleton<QueueHealth>()
        .AddSingleton<WebhookEndpoints>()
        .AddSingleton<DeliveryStore>()
        .AddSingleton<DeliveryPayloads>()
        .AddSingleton<IOwnEventDispatch, OwnEventDispatch>()
        .AddSingleton<EventDispatch>()
        .AddSingleton<IEventDispatch>(provider => provider.GetRequiredService<EventDispatch>())
        .AddSingleton<EventDelivery>()
        .AddSingleton<DeliveryLog>()
        .AddSingleton<DeliveryErasure>()
        .AddSingleton<MissedDeliveries>()
        .AddSingleton<DeliveryRequeue>();

    // Adds the reading of events.
    private static IServiceCollection AddQueries(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<ApiOptions>(configuration, "Api")
        .AddSingleton<ContinuationToken>()
        .AddSingleton<EventLookup>();

    // Adds live events and the feed.
    private static IServiceCollection AddStreams(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<StreamOptions>(configuration, "Stream")
        .AddSingleton<ChangeCursor>()
        .AddSingleton<ChangeHub>()
        .AddSingleton<EventStreams>()
        .AddSingleton<EventFeed>();

    // Adds jobs.
    private static IServiceCollection AddJobs(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<JobOptions>(configuration, "Jobs")
        .AddSingleton(provider => new RepublishRate(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<JobOptions>>().Value.MaxRate))
        .AddSingleton<EventJobs>()
        .AddSingleton<JobWork>()
        .AddSingleton<JobRunner>()
        .AddSingleton<BackgroundWork>()
        .AddSingleton(provider => new JobStart(
            provider.GetRequiredService<EventJobs>(), provider.GetRequiredService<JobRunner>(), provider.GetRequiredService<BackgroundWork>()));

    // Adds what administrators change.
    private static IServiceCollection AddAdministration(this IServiceCollection services, IConfiguration configuration) => services
        .AddSettings<AdministrationOptions>(configuration, "Administration")
        .AddSingleton<AdministrationLog>()
        .AddSingleton<ProducerAdministration>()
        .AddSingleton<ProducerKeyAdministration>()
        .AddSingleton<EventAdministration>();
}
