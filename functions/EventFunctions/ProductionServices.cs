using EventFunctions.Intake.Feeds;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions;

/// <summary>Registers the ways in beside posted events: producers' own messages, and their feeds.</summary>
internal static class ProductionServices
{
    /// <summary>Adds them.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddProduction(this IServiceCollection services, IConfiguration configuration) =>
        services
            .AddSettings<FeedsOptions>(configuration, "Feeds")
            .AddSingleton<FeedRefusals>()
            .AddSingleton<FeedIntake>()
            .AddSingleton<FeedPull>()
            .AddSingleton<FeedProgressReader>()
            .AddSingleton<IProducerSecrets>(new ConfigurationProducerSecrets(configuration))
            .AddSingleton<MessageVerifier>();
}
