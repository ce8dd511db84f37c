using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Sqlite;

/// <summary>Registers the embedded store.</summary>
public static class SqliteServices
{
    /// <summary>The store in a SQLite file, for the setting <c>Store</c>.</summary>
    public static StoreRegistration Store { get; } = new("Sqlite", IsShared: false, AddStore);

    /// <summary>Makes a SQLite file the <see cref="IEventStore"/> and the <see cref="IDocumentStore"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Where it is.</param>
    /// <exception cref="UnsafeFileException">Another user of the machine can change the file.</exception>
    public static IServiceCollection AddSqliteEventStore(this IServiceCollection services, SqliteOptions options)
    {
        return services
            .AddSqliteFile(options)
            .AddSingleton<IEventStore>(provider => provider.GetRequiredService<SqliteEventStore>())
            .AddSingleton<IDocumentStore, SqliteDocumentStore>();
    }

    /// <summary>
    /// Makes a SQLite file the <see cref="IMessageQueue"/> and the <see cref="IMessageReceiver"/>: the store's own file, if SQLite is also
    /// the store.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">Where it is.</param>
    /// <exception cref="UnsafeFileException">Another user of the machine can change the file.</exception>
    public static IServiceCollection AddSqliteMessageQueue(this IServiceCollection services, SqliteOptions options) =>
        services
            .AddSqliteFile(options)
            .AddSingleton<SqliteMessageQueue>()
            .AddSingleton<IMessageQueue>(provider => provider.GetRequiredService<SqliteMessageQueue>())
            .AddSingleton<IMessageReceiver>(provider => provider.GetRequiredService<SqliteMessageQueue>());

    private static IServiceCollection AddStore(IServiceCollection services, IConfiguration configuration)
    {
        // Some plans set only the one, some only the other.
        if (Array.Find(["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"], name => !string.IsNullOrEmpty(configuration[name])) is { } mark)
        {
            throw Wrong($"Store is Sqlite, but this is Azure ({mark} is set), where instances have no shared or durable disk; example: Cosmos.");
        }

        if (configuration.GetSection("Sqlite").GetChildren().FirstOrDefault(setting => !setting.Key.Equals("Path", StringComparison.OrdinalIgnoreCase)) is { } other)
        {
            throw Wrong($"{other.Path} is not a setting. Use Path.");
        }

        return configuration["Sqlite:Path"] is { Length: > 0 } path
            ? services.AddSqliteEventStore(new SqliteOptions { Path = path })
            : throw Wrong("Sqlite:Path is missing; example: /var/lib/eventfunctions/events.db.");
    }

    private static OptionsValidationException Wrong(string failure) => new("Store", typeof(string), [failure]);

    private static IServiceCollection AddSqliteFile(this IServiceCollection services, SqliteOptions options)
    {
        SqliteDatabase.Check(options.Path);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Options.Create(options));
        services.TryAddSingleton<SqliteEventStore>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IErasableCopies, SqliteEventStore>(provider => provider.GetRequiredService<SqliteEventStore>()));
        return services;
    }
}
