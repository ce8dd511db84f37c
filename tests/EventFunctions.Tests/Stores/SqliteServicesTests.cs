using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Stores;

public sealed class SqliteServicesTests
{
    [Fact]
    public async Task The_registered_store_makes_its_folder_works_and_is_closed_with_its_services()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.File("new folder"), "events.db");
        var record = StoreSamples.Record();
        for (var start = 0; start < 2; start++)
        {
            await using var services = new ServiceCollection().AddLogging().AddSqliteEventStore(new SqliteOptions { Path = path }).BuildServiceProvider();
            var store = services.GetRequiredService<IEventStore>();

            Assert.Same(store, services.GetRequiredService<SqliteEventStore>());
            Assert.Equal([start == 0], await store.CreateAsync([record], TestContext.Current.CancellationToken));
        }

        // The last connection to close folds the log into the file and removes it.
        Assert.False(File.Exists(path + "-wal"));
    }
}
