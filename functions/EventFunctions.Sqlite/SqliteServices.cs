using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Sqlite;

/// <summary>Registers the embedded store.</summary>
public static class SqliteServices
{
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
