using EventFunctions.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.SampleProducer;

/// <summary>Puts the sample producer into the host.</summary>
internal static class SampleProducerHosting
{
    /// <summary>Adds the producer.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="fetchLog">The file that gets a line for each fetch; null for none.</param>
    public static IServiceCollection AddSampleProducer(this IServiceCollection services, string? fetchLog) =>
        services
            .AddSingleton<ProducerBehaviour>()
            .AddSingleton(provider => OpenLog(provider.GetRequiredService<TimeProvider>(), fetchLog))
            .AddSingleton<SampleProducerEndpoints>()
            .AddSingleton<PolicyFeed>()
            .AddSingleton<FeedEndpoints>();

    private static FetchLog OpenLog(TimeProvider time, string? path)
    {
        try
        {
            return new FetchLog(time, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostStartException($"{LocalSettings.SampleFetchLog} is \"{path}\", which is not writable: {e.Message}", e);
        }
    }

    /// <summary>Maps the producer's calls.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    public static void MapSampleProducer(this IEndpointRouteBuilder endpoints)
    {
        var producer = endpoints.ServiceProvider.GetRequiredService<SampleProducerEndpoints>();
        var feed = endpoints.ServiceProvider.GetRequiredService<FeedEndpoints>();
        Map(HttpMethods.Get, "policies/{subject}", producer.GetPolicyAsync);
        Map(HttpMethods.Get, "behaviour", producer.GetBehaviourAsync);
        Map(HttpMethods.Put, "behaviour", producer.PutBehaviourAsync);
        Map(HttpMethods.Get, "fetches", producer.GetFetchesAsync);
        Map(HttpMethods.Get, "feed", feed.GetAsync);
        Map(HttpMethods.Post, "feed", feed.PostAsync);

        void Map(string method, string path, RequestDelegate answer) =>
            endpoints.MapMethods(
                $"/{SampleProducers.Prefix}/{path}",
                method == HttpMethods.Get ? [method, HttpMethods.Head] : [method],
                context => SampleProducerEndpoints.IsFromThisMachine(context)
                    ? answer(context)
                    : Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "The sample producer accepts only calls from its own machine."))
                .WithMetadata(new EndpointKey(IsRequired: false));
    }
}
