using EventFunctions.Azure.Cosmos;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>Registers the store that the setting <c>Store</c> names.</summary>
internal static class StoreServices
{
    // One line for each kind of store.
    private static readonly StoreRegistration[] Stores = [CosmosServices.Store, SqliteServices.Store];

    /// <summary>Adds the store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="OptionsValidationException">The settings of the store are wrong.</exception>
    public static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration) => Find(configuration) is { } store
        ? store.Add(services, configuration)
        : throw new OptionsValidationException(
            "Store",
            typeof(string),
            [$"Store is \"{configuration["Store"]}\". Use one of {string.Join(", ", Stores.Select(store => store.Name))}; example: {Stores[0].Name}."]);

    /// <summary>Returns the store that the settings name; null if the name is unknown.</summary>
    /// <param name="configuration">The settings.</param>
    public static StoreRegistration? Find(IConfiguration configuration) => Array.Find(Stores, store => store.Name == configuration["Store"]);
}
