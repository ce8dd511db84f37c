using System.Diagnostics;
using System.Net;
using EventFunctions.Settings;
using EventFunctions.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Http.Webhooks;

/// <summary>Registers the client that posts to customers' endpoints.</summary>
public static class WebhookClientServices
{
    // More of an answer than is looked at is thrown away up to here, so that its connection can be used again.
    private const int MaxDrainedBytes = 16 * 1024;
    private const int MaxHeadersKilobytes = 16;

    /// <summary>Adds <see cref="IWebhookClient"/> and <see cref="IWebhookAddresses"/>. Reads <see cref="WebhookClientOptions"/>, which are checked at start, and secrets from <see cref="IConfiguration"/> below <c>WebhookSecrets:</c>.</summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddWebhookClient(this IServiceCollection services)
    {
        services.AddCheckedOptions<WebhookClientOptions>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IEndpointSecrets>(s => new ConfigurationEndpointSecrets(s.GetRequiredService<IConfiguration>()));
        services.AddSingleton<IWebhookAddresses>(s => new WebhookAddresses(RulesOf(s)));
        services.AddSingleton<WebhookTokens>();
        services.AddSingleton<WebhookCredentials>();
        services.AddSingleton<IWebhookClient, HttpWebhookClient>();

        var client = services.AddHttpClient(HttpWebhookClient.ClientName, c =>
        {
            c.Timeout = Timeout.InfiniteTimeSpan; // each attempt has its webhook's own
            c.DefaultRequestHeaders.UserAgent.ParseAdd("EventFunctions/1.0");
        });
        client.RemoveAllLoggers();

        // The sockets handler itself renews its connections, and so sees changed DNS entries.
        client.SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        client.ConfigurePrimaryHttpMessageHandler(s => CreateHandler(RulesOf(s), OptionsOf(s)));
        return services;
    }

    private static WebhookClientOptions OptionsOf(IServiceProvider services) => services.GetRequiredService<IOptions<WebhookClientOptions>>().Value;

    private static AddressRules RulesOf(IServiceProvider services) => new(OptionsOf(services).AllowedNetworks.Select(n => IPNetwork.Parse(n)));

    private static SocketsHttpHandler CreateHandler(AddressRules rules, WebhookClientOptions options) => new()
    {
        AllowAutoRedirect = false,
        PlaintextStreamFilter = FramedStream.FilterAsync,
        ConnectCallback = new CheckedConnector(rules, WebhookAddresses.Setting, isPlainByName: true).ConnectAsync,
        ConnectTimeout = options.ConnectTimeout,
        MaxResponseHeadersLength = MaxHeadersKilobytes,
        MaxResponseDrainSize = MaxDrainedBytes,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,

        // A proxy would dial for us, and check nothing.
        UseProxy = false,

        // The trace that a message belongs to is said with the message.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
    };
}
