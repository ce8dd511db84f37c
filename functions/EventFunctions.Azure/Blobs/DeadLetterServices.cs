using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Blobs;

/// <summary>Registers where dead letters are read.</summary>
public static class DeadLetterServices
{
    private const string Section = "DeadLetters";

    /// <summary>
    /// Makes a storage account the <see cref="IDeadLetterStore"/>, unless the host has brought one of its own. Reads
    /// <see cref="DeadLetterOptions"/>, which are checked at start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    public static IServiceCollection AddDeadLetterStore(this IServiceCollection services, IConfiguration configuration)
    {
        if (services.Any(service => service.ServiceType == typeof(IDeadLetterStore)))
        {
            _ = StrictSettings.Read<DeadLetterOptions>(configuration.GetSection(Section));
            return services;
        }

        services.AddAzureIdentity();
        services.AddSettings<DeadLetterOptions>(configuration, Section);
        return services.AddSingleton<IDeadLetterStore>(s => new BlobDeadLetterStore(CreateClient(s)));
    }

    private static BlobServiceClient CreateClient(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<DeadLetterOptions>>().Value;
        var client = new BlobClientOptions
        {
            // Event Grid waits 30 s for the function, and comes again by itself.
            Retry = { MaxRetries = 2, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(2), NetworkTimeout = TimeSpan.FromSeconds(10) },
            Transport = new HttpClientTransport(new HttpClient(new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = TimeSpan.FromSeconds(5),

                // A proxy cannot reach this machine's own Azurite, which a connection string stands for.
                UseProxy = string.IsNullOrEmpty(options.ConnectionString),
            })
            {
                Timeout = Timeout.InfiniteTimeSpan,
            }),
            Diagnostics = { IsLoggingEnabled = false },
        };
        return string.IsNullOrEmpty(options.ConnectionString)
            ? new BlobServiceClient(new Uri(options.Endpoint!), services.GetRequiredService<AzureIdentity>().Credential, client)
            : new BlobServiceClient(options.ConnectionString, client);
    }
}
