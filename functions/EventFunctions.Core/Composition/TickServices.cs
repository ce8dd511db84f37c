using EventFunctions.Intake.Feeds;
using EventFunctions.Jobs;
using EventFunctions.Monitoring;
using EventFunctions.Publication;
using EventFunctions.Storage;
using EventFunctions.Ticks;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>Registers the tick and its parts.</summary>
internal static class TickServices
{
    // A part that stops by itself at the end of its time is given that much more to finish.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    /// <summary>Adds the tick.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddTicks(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(TickSchedule.Of(configuration[TickSchedule.Setting]))
        .AddSingleton<TickLog>()
        .AddSingleton<ServiceTick>()
        .AddSingleton<OverdueTick>()
        .AddSingleton(Relay)
        .AddSingleton(Feeds)
        .AddSingleton(Monitoring)
        .AddSingleton(Deliveries)
        .AddSingleton(Jobs);

    private static TickPart Relay(IServiceProvider services)
    {
        var relay = services.GetRequiredService<EventRelay>();
        return new("relay", Of<RelayOptions>(services).TickBudget + Margin, relay.RunAsync);
    }

    private static TickPart Feeds(IServiceProvider services)
    {
        var feeds = services.GetRequiredService<FeedPull>();
        var budget = Of<FeedsOptions>(services).TickBudget;
        return new("feeds", budget + Margin, token => feeds.RunAsync(Share(services, budget), token));
    }

    private static TickPart Monitoring(IServiceProvider services)
    {
        var watch = services.GetRequiredService<ProducerWatch>();
        return new("monitoring", ProducerWatch.LookBudget + Margin, watch.LookAsync);
    }

    private static TickPart Deliveries(IServiceProvider services)
    {
        var requeue = services.GetRequiredService<DeliveryRequeue>();
        return new("deliveries", Of<DeliveryOptions>(services).TickBudget + Margin, requeue.RunAsync);
    }

    private static TickPart Jobs(IServiceProvider services)
    {
        var runner = services.GetRequiredService<JobRunner>();
        var budget = Of<JobOptions>(services).TickBudget;
        return new("jobs", budget + Margin, token => runner.RunAsync(Share(services, budget), token));
    }

    // These wait for what is due within the tick, which must not delay the next one.
    private static TimeSpan Share(IServiceProvider services, TimeSpan budget) =>
        services.GetRequiredService<TickSchedule>().Budget(budget, services.GetRequiredService<TimeProvider>().GetUtcNow());

    private static T Of<T>(IServiceProvider services)
        where T : class => services.GetRequiredService<IOptions<T>>().Value;
}
