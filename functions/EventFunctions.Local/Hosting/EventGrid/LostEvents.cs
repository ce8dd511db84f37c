using EventFunctions.Local.EventGrid;
using EventFunctions.Sqlite;
using Microsoft.Extensions.Hosting;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Makes the relay publish all open events after a crash, or after a restore without the file of deliveries: the local Event Grid has events
/// that it did not try yet in memory only, and their records are the durable copy.
/// </summary>
internal sealed class LostEvents(LocalEventGrid grid, SqliteEventStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => grid.MayHaveLost ? store.MakeOpenDueAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
