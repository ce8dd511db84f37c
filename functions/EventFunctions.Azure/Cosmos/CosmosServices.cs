using System.Diagnostics.Metrics;
using EventFunctions.Records.Documents;
using EventFunctions.Settings;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Registers the store in Cosmos DB.</summary>
public static class CosmosServices
{
    /// <summary>The store in Cosmos DB, for the setting <c>Store</c>. Its settings and containers are checked at start.</summary>
    public static StoreRegistration Store { get; } = new("Cosmos", IsShared: true, AddStore);

    private static IServiceCollection AddStore(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSettings<CosmosOptions>(configuration, "Cosmos");
        services.AddAzureIdentity();
        services.AddCheckedOptions<CosmosOptions>();
        services.TryAddSingleton(s => CosmosClients.Create(
            s.GetRequiredService<IOptions<CosmosOptions>>().Value,
            () => s.GetRequiredService<AzureIdentity>().Credential,
            s.GetService<IMeterFactory>()?.Create(RequestCharges.MeterName) ?? new Meter(RequestCharges.MeterName)));
        services.AddSingleton<IEventStore>(s => new CosmosEventStore(
            EventsContainer(s),
            new RecordReader(s.GetRequiredService<ILogger<CosmosEventStore>>()),
            index: new DueIndex(new CosmosDocumentStore(DatabaseOf(s)), new PartitionTurns(EventsContainer(s)), s.GetService<TimeProvider>() ?? TimeProvider.System)));
        services.AddSingleton<IDocumentStore>(s => new CosmosDocumentStore(DatabaseOf(s)));
        services.AddHostedService(s => new LateService<ContainerCheck>(() => new ContainerCheck(NeededBy(s), s.GetRequiredService<ILogger<ContainerCheck>>())));
        return services;
    }

    /// <summary>The containers that the service works with.</summary>
    /// <param name="services">The host's services.</param>
    internal static IReadOnlyList<NeededContainer> NeededBy(IServiceProvider services)
    {
        var database = DatabaseOf(services);
        return
        [
            new(EventsContainer(services), "/eventId", "Cosmos:EventsContainer", NeededIndex.Events),
            .. DocumentContainer.All.Select(container =>
                new NeededContainer(database.GetContainer(container.Name), "/" + container.PartitionKey, "Cosmos:Database", NeededIndex.Of(container))),
        ];
    }

    private static Database DatabaseOf(IServiceProvider services) =>
        services.GetRequiredService<CosmosClient>().GetDatabase(services.GetRequiredService<IOptions<CosmosOptions>>().Value.Database);

    private static Container EventsContainer(IServiceProvider services) =>
        DatabaseOf(services).GetContainer(services.GetRequiredService<IOptions<CosmosOptions>>().Value.EventsContainer);
}
