using EventFunctions.Azure.Cosmos;
using EventFunctions.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>Registers the store that the setting <c>Store</c> names.</summary>
internal static class StoreServices
{
    /// <summary>Adds the store.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">The settings.</param>
    /// <exception cref="OptionsValidationException">The settings of the store are wrong.</exception>
    public static IServiceCollection AddStore(this IServiceCollection services, IConfiguration configuration) =>
        configuration["Store"] switch
        {
            "Cosmos" => services.AddCosmos(configuration),
            "Sqlite" when AzureMark(configuration) is { } mark => throw Wrong(
                $"Store is Sqlite, but this is Azure ({mark} is set), where instances have no shared or durable disk; example: Cosmos."),
            "Sqlite" when configuration.GetSection("Sqlite").GetChildren().FirstOrDefault(setting => !setting.Key.Equals("Path", StringComparison.OrdinalIgnoreCase)) is { } other =>
                throw Wrong($"{other.Path} is not a setting. Use Path."),
            "Sqlite" when configuration["Sqlite:Path"] is { Length: > 0 } path => services.AddSqliteEventStore(new SqliteOptions { Path = path }),
            "Sqlite" => throw Wrong("Sqlite:Path is missing; example: /var/lib/eventfunctions/events.db."),
            var store => throw Wrong($"Store is \"{store}\", which is neither Cosmos nor Sqlite; example: Cosmos."),
        };

    // Some plans set only the one, some only the other.
    private static string? AzureMark(IConfiguration configuration) =>
        Array.Find(["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"], name => !string.IsNullOrEmpty(configuration[name]));

    // A method of its own, so that a start with another store does not load the SDK.
    private static IServiceCollection AddCosmos(this IServiceCollection services, IConfiguration configuration) =>
        services.AddSettings<CosmosOptions>(configuration, "Cosmos").AddCosmosEventStore();

    private static OptionsValidationException Wrong(string failure) => new("Store", typeof(string), [failure]);
}
