using System.Net;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;
using EventFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly.Telemetry;

namespace EventFunctions.Http;

/// <summary>Registers the clients that fetch full data and read feeds.</summary>
public static class ProducerClientServices
{
    /// <summary>
    /// Adds <see cref="IProducerClient"/> and <see cref="IFeedClient"/> over HTTP. Reads <see cref="ProducerClientOptions"/>, which are checked at start,
    /// secrets from <see cref="IConfiguration"/> below <c>ProducerSecrets:</c>, and tokens from <see cref="ITokenSource"/>
    /// where one is registered.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddProducerClient(this IServiceCollection services)
    {
        services.AddCheckedOptions<ProducerClientOptions>();
        services.AddSingleton(s => new ProducerCredentials(s.GetRequiredService<IConfiguration>(), s.GetService<ITokenSource>()));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<GuardedGet>();
        services.AddSingleton<IProducerClient, HttpProducerClient>();
        services.AddSingleton<IFeedClient, HttpFeedClient>();
        services.AddSingleton<IDataAddresses, DataAddresses>();

        var client = services.AddHttpClient(GuardedGet.ClientName, c =>
        {
            c.Timeout = Timeout.InfiniteTimeSpan; // each fetch has its producer's own
            c.DefaultRequestHeaders.UserAgent.ParseAdd("EventFunctions/1.0");
            c.DefaultRequestHeaders.Accept.ParseAdd("*/*");
        });

        // Two log entries a fetch, at thousands a second, would say nothing that the timeline does not.
        client.RemoveAllLoggers();

        // Retries and open circuits are logged by Polly in several lines each; enrichment logs a failing producer once per minute.
        services.Configure<TelemetryOptions>(o => o.SeverityProvider = _ => ResilienceEventSeverity.Debug);

        // The sockets handler itself renews its connections, and so sees changed DNS entries.
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        client.ConfigurePrimaryHttpMessageHandler(s => CreateHandler(OptionsOf(s)));
        client
            .AddResilienceHandler(
                ProducerResilience.PipelineName, (builder, context) => ProducerResilience.Configure(builder, OptionsOf(context.ServiceProvider)))
            .SelectPipelineBy(_ => request => request.Options.TryGetValue(ProducerResilience.Producer, out var name) ? name : "");
        client.AddHttpMessageHandler(() => new LimitedBodyHandler());
        return services;
    }

    private static ProducerClientOptions OptionsOf(IServiceProvider services) =>
        services.GetRequiredService<IOptions<ProducerClientOptions>>().Value;

    private static SocketsHttpHandler CreateHandler(ProducerClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        PlaintextStreamFilter = FramedStream.FilterAsync,
        AutomaticDecompression = DecompressionMethods.GZip | DecompressionMethods.Brotli | DecompressionMethods.Deflate,
        ConnectCallback = new CheckedConnector(
            AddressRules.Of(options.AllowedNetworks), DataAddresses.Setting).ConnectAsync,
        ConnectTimeout = options.ConnectTimeout,
        MaxConnectionsPerServer = options.MaxConnectionsPerProducer,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,

        // A proxy would dial for us, and check nothing.
        UseProxy = false,
    };
}
