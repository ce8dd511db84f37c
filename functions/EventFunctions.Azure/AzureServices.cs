using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure;

/// <summary>Registers the adapters to Azure.</summary>
public static class AzureServices
{
    // Set wherever a managed identity is to be had: in App Service and Functions.
    private const string ManagedIdentityEndpoint = "IDENTITY_ENDPOINT";

    /// <summary>
    /// Adds <see cref="IEventPublisher"/> over an Event Grid topic. Reads <see cref="EventGridOptions"/>, which are checked
    /// at start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddEventGridPublisher(this IServiceCollection services)
    {
        services.AddAzureIdentity();
        services.TryAddSingleton<TopicHealth>();
        services.AddCheckedOptions<EventGridOptions>();
        services.AddSingleton<IEventPublisher>(s => new EventGridPublisher(CreateClient(s), s.GetRequiredService<IOptions<EventGridOptions>>().Value.Topic));
        services.AddHostedService(s => new CredentialCheck(
            s.GetRequiredService<AzureIdentity>,
            s.GetRequiredService<IOptions<EventGridOptions>>(),
            s.GetRequiredService<TopicHealth>(),
            s.GetRequiredService<ILogger<CredentialCheck>>()));
        return services;
    }

    /// <summary>
    /// Adds <see cref="AzureIdentity"/>, the managed identity in Azure and a developer's login elsewhere, and
    /// <see cref="ITokenSource"/> over another identity in Azure and the same login elsewhere. Reads <see cref="AzureIdentityOptions"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddAzureIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(s => new AzureIdentity(CreateCredential(
            s.GetRequiredService<IOptions<AzureIdentityOptions>>().Value, Environment.GetEnvironmentVariable(ManagedIdentityEndpoint))));
        services.TryAddSingleton<ITokenSource>(s => new AzureTokenSource(
            () => CreateOutgoingIdentity(
                s.GetRequiredService<IOptions<AzureIdentityOptions>>().Value,
                Environment.GetEnvironmentVariable(ManagedIdentityEndpoint),
                s.GetRequiredService<AzureIdentity>),
            s.GetRequiredService<TimeProvider>()));
        services.AddCheckedOptions<AzureIdentityOptions>();
        return services;
    }

    /// <summary>The credential to use.</summary>
    /// <param name="options">Which identity, where there may be several.</param>
    /// <param name="managedIdentityEndpoint">Where managed identities are to be had; null or empty where they are not.</param>
    internal static TokenCredential CreateCredential(AzureIdentityOptions options, string? managedIdentityEndpoint) =>
        string.IsNullOrEmpty(managedIdentityEndpoint)
            ? new ChainedTokenCredential(
                new AzureCliCredential(), new AzureDeveloperCliCredential(), new VisualStudioCredential(), new AzurePowerShellCredential())
            : new ManagedIdentityCredential(
                string.IsNullOrEmpty(options.ClientId) ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(options.ClientId));

    /// <summary>The identity for calls to producers: never the one that has roles.</summary>
    /// <param name="options">Which identity that is.</param>
    /// <param name="managedIdentityEndpoint">Where managed identities are to be had; null or empty where they are not.</param>
    /// <param name="developer">The login to use where they are not.</param>
    /// <returns>Null if there is none.</returns>
    internal static AzureIdentity? CreateOutgoingIdentity(AzureIdentityOptions options, string? managedIdentityEndpoint, Func<AzureIdentity> developer) =>
        string.IsNullOrEmpty(managedIdentityEndpoint) ? developer()
        : string.IsNullOrEmpty(options.OutgoingClientId) ? null
        : new AzureIdentity(new ManagedIdentityCredential(ManagedIdentityId.FromUserAssignedClientId(options.OutgoingClientId)));

    private static EventGridPublisherClient CreateClient(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<EventGridOptions>>().Value;
        var endpoint = new Uri(options.Endpoint!);
        var handler = new SocketsHttpHandler
        {
            // So that a changed DNS entry is seen.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(2),

            // A proxy cannot reach this machine's own topic.
            UseProxy = !endpoint.IsLoopback,
        };
        var client = new EventGridPublisherClientOptions
        {
            Transport = new HttpClientTransport(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }),
            RetryPolicy = new ShortRetries(),
            Diagnostics = { IsLoggingEnabled = false },
        };
        return string.IsNullOrEmpty(options.Key)
            ? new EventGridPublisherClient(endpoint, services.GetRequiredService<AzureIdentity>().Credential, client)
            : new EventGridPublisherClient(endpoint, new AzureKeyCredential(options.Key), client);
    }
}
