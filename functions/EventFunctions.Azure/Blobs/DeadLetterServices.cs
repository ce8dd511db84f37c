using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using EventFunctions.Publication.DeadLetters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Blobs;

/// <summary>Registers where dead letters are read.</summary>
public static class DeadLetterServices
{
    /// <summary>
    /// Makes a storage account the <see cref="IDeadLetterStore"/>, unless the host has brought one of its own. Reads
    /// <see cref="DeadLetterOptions"/>, which are checked at start.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddDeadLetterStore(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(IDeadLetterStore)))
        {
            return services;
        }

        services.AddAzureIdentity();
        services.AddOptions<DeadLetterOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<DeadLetterOptions>, DeadLetterOptionsValidator>());
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
            ? new BlobServiceClient(new Uri(options.Endpoint!), services.GetRequiredService<TokenCredential>(), client)
            : new BlobServiceClient(options.ConnectionString, client);
    }

    private sealed class DeadLetterOptionsValidator : IValidateOptions<DeadLetterOptions>
    {
        public ValidateOptionsResult Validate(string? name, DeadLetterOptions options) =>
            options.Validate().ToList() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
