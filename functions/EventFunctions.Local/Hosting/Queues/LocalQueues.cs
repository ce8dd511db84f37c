using EventFunctions.Azure.Queues;
using EventFunctions.Composition;
using EventFunctions.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Chooses the host's queues: its own file, unless it shares its store and a setting names an account with shared queues.
/// </summary>
internal static class LocalQueues
{
    /// <summary>Brings the queues of the host's own, before the service looks for any.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The host's settings.</param>
    public static IServiceCollection AddLocalQueues(this IServiceCollection services, IConfiguration settings)
    {
        var shared = StoreServices.Find(settings) is { IsShared: true } && !string.IsNullOrEmpty(settings[QueueStorageOptions.Section]);
        return !shared && settings["Sqlite:Path"] is { Length: > 0 } path ? services.AddSqliteMessageQueue(new SqliteOptions { Path = path }) : services;
    }
}
