using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.SampleProducer;

/// <summary>Puts the sample producer into the host.</summary>
public static class SampleProducerHosting
{
    /// <summary>Adds the producer.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="openLog">Opens the log of fetches.</param>
    public static IServiceCollection AddSampleProducer(this IServiceCollection services, Func<TimeProvider, FetchLog> openLog) =>
        services
            .AddSingleton<ProducerBehaviour>()
            .AddSingleton(provider => openLog(provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<SampleProducerEndpoints>()
            .AddSingleton<PolicyFeed>()
            .AddSingleton<FeedEndpoints>();

    /// <summary>Maps the producer's calls.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    public static IEndpointConventionBuilder MapSampleProducer(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/" + SampleProducers.Prefix);
        var producer = endpoints.ServiceProvider.GetRequiredService<SampleProducerEndpoints>();
        var feed = endpoints.ServiceProvider.GetRequiredService<FeedEndpoints>();
        Map(HttpMethods.Get, "policies/{subject}", producer.GetPolicyAsync);
        Map(HttpMethods.Get, "behaviour", producer.GetBehaviourAsync);
        Map(HttpMethods.Put, "behaviour", producer.PutBehaviourAsync);
        Map(HttpMethods.Get, "fetches", producer.GetFetchesAsync);
        Map(HttpMethods.Get, "feed", feed.GetAsync);
        Map(HttpMethods.Post, "feed", feed.PostAsync);
        return group;

        void Map(string method, string path, RequestDelegate answer) =>
            group.MapMethods(
                path,
                method == HttpMethods.Get ? [method, HttpMethods.Head] : [method],
                context => SampleProducerEndpoints.IsFromThisMachine(context)
                    ? answer(context)
                    : TypedResults.Problem("The sample producer accepts only calls from its own machine.", statusCode: StatusCodes.Status403Forbidden).ExecuteAsync(context));
    }
}
