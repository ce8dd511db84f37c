using EventFunctions.Ports;
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
    public static IServiceCollection AddSqliteEventStore(this IServiceCollection services, SqliteOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton(Options.Create(options))
            .AddSingleton<SqliteEventStore>()
            .AddSingleton<IEventStore>(provider => provider.GetRequiredService<SqliteEventStore>())
            .AddSingleton<IDocumentStore, SqliteDocumentStore>();
    }
}
