using Azure.Core.Pipeline;
using Azure.Storage.Queues;
using EventFunctions.Settings;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Queues;

/// <summary>Registers the queues.</summary>
public static class MessageQueueServices
{
    /// <summary>
    /// Makes a storage account the <see cref="IMessageQueue"/> and the <see cref="IMessageReceiver"/>, unless the host has
    /// brought queues of its own. The settings are checked at start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddMessageQueue(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(IMessageQueue)))
        {
            return services;
        }

        services.AddAzureIdentity();
        services.AddCheckedOptions<QueueStorageOptions>().Configure(options => options.Read(configuration));
        return services
            .AddSingleton(provider => new StorageMessageQueue(CreateClient(provider)))
            .AddSingleton<IMessageQueue>(provider => provider.GetRequiredService<StorageMessageQueue>())
            .AddSingleton<IMessageReceiver>(provider => provider.GetRequiredService<StorageMessageQueue>());
    }

    private static QueueServiceClient CreateClient(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<QueueStorageOptions>>().Value;
        var client = new QueueClientOptions
        {
            MessageEncoding = QueueMessageEncoding.None,
            Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(2), NetworkTimeout = TimeSpan.FromSeconds(10) },
            Transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(5),

                // A proxy cannot reach this machine's own Azurite, which a connection string stands for.
                UseProxy = options.ConnectionString is null,
            })
            {
                Timeout = Timeout.InfiniteTimeSpan,
            }),
            Diagnostics = { IsLoggingEnabled = false },
        };
        return options.ConnectionString is { } connection
            ? new QueueServiceClient(connection, client)
            : new QueueServiceClient(options.Endpoint!, services.GetRequiredService<AzureIdentity>().Credential, client);
    }
}
