using EventFunctions.Local.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.SampleProducer;

/// <summary>Puts the sample producer into the host.</summary>
internal static class SampleProducerHosting
{
    /// <summary>The CloudEvents <c>source</c> that the sample producer owns.</summary>
    public const string Source = "/insurance/policies";

    /// <summary>The types of its events.</summary>
    public static readonly IReadOnlyList<string> Types = ["policy.issued", "policy.renewed", "policy.endorsed", "policy.cancelled"];

    private const string Prefix = "producer";

    /// <summary>The settings that register the producer and let the service fetch from this machine.</summary>
    /// <param name="self">The host's own URL, ending in a slash.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(Uri self)
    {
        // The section has a name of its own, so that a producer that somebody sets as number 0 does not mix with it.
        const string producer = "Producers:sample";
        yield return new($"{producer}:name", "policies");
        yield return new($"{producer}:source", Source);
        yield return new($"{producer}:data:baseUrl", new Uri(self, Prefix + "/").AbsoluteUri);
        yield return new($"{producer}:data:template", "policies/{subject}?event={id}");
        foreach (var type in Types)
        {
            yield return new($"{producer}:types:{type}", null);
        }

        yield return new("ProducerClient:AllowedNetworks:sample0", "127.0.0.0/8");
        yield return new("ProducerClient:AllowedNetworks:sample1", "::1/128");
        if (!self.IsLoopback)
        {
            yield return new("ProducerClient:AllowedNetworks:sample2", self.HostNameType == UriHostNameType.IPv6 ? $"{self.IdnHost}/128" : $"{self.Host}/32");
        }
    }

    /// <summary>Adds the producer.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="fetchLog">The file that gets a line for each fetch; null for none.</param>
    public static IServiceCollection AddSampleProducer(this IServiceCollection services, string? fetchLog) =>
        services
            .AddSingleton<ProducerBehaviour>()
            .AddSingleton(provider => OpenLog(provider.GetRequiredService<TimeProvider>(), fetchLog))
            .AddSingleton<SampleProducerEndpoints>();

    private static FetchLog OpenLog(TimeProvider time, string? path)
    {
        try
        {
            return new FetchLog(time, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostStartException($"{LocalSettings.SampleFetchLog} is \"{path}\", which cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Maps the producer's calls.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    public static void MapSampleProducer(this IEndpointRouteBuilder endpoints)
    {
        var producer = endpoints.ServiceProvider.GetRequiredService<SampleProducerEndpoints>();
        Map(HttpMethods.Get, "policies/{subject}", producer.GetPolicyAsync);
        Map(HttpMethods.Get, "behaviour", producer.GetBehaviourAsync);
        Map(HttpMethods.Put, "behaviour", producer.PutBehaviourAsync);
        Map(HttpMethods.Get, "fetches", producer.GetFetchesAsync);

        void Map(string method, string path, RequestDelegate answer) =>
            endpoints.MapMethods($"/{Prefix}/{path}", [method], context => SampleProducerEndpoints.IsFromThisMachine(context)
                ? answer(context)
                : Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "The sample producer answers callers on its own machine only."));
    }
}
