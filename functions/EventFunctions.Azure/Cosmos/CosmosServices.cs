using System.Diagnostics.Metrics;
using Azure.Core;
using EventFunctions.Ports;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Registers the store in Cosmos DB.</summary>
public static class CosmosServices
{
    /// <summary>
    /// Makes a Cosmos DB container the <see cref="IEventStore"/>. Reads <see cref="CosmosOptions"/>, which are checked at
    /// start; so is the container.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static IServiceCollection AddCosmosEventStore(this IServiceCollection services)
    {
        services.AddAzureIdentity();
        services.AddOptions<CosmosOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CosmosOptions>, CosmosOptionsValidator>());
        services.TryAddSingleton(s => CosmosClients.Create(
            s.GetRequiredService<IOptions<CosmosOptions>>().Value,
            s.GetRequiredService<TokenCredential>,
            s.GetService<IMeterFactory>()?.Create(RequestCharges.MeterName) ?? new Meter(RequestCharges.MeterName)));
        services.AddSingleton<IEventStore>(s => new CosmosEventStore(EventsContainer(s)));
        services.AddHostedService(s => new LateService<ContainerCheck>(
            () => ActivatorUtilities.CreateInstance<ContainerCheck>(s, EventsContainer(s))));
        return services;
    }

    private static Container EventsContainer(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<CosmosOptions>>().Value;
        return services.GetRequiredService<CosmosClient>().GetContainer(options.Database, options.EventsContainer);
    }

    private sealed class CosmosOptionsValidator : IValidateOptions<CosmosOptions>
    {
        public ValidateOptionsResult Validate(string? name, CosmosOptions options) =>
            options.Validate().ToList() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
    }
}
