using EventFunctions.Storage;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Cosmos;

public sealed class CosmosEventStoreTests(CosmosAccount account) : EventStoreConformance
{
    private const string Remedy = "; set COSMOS_CONNECTION to run this against an account.";
    private const string NoTimeToLive = "@vercel/cosmosdb-server 1.0.1 has no time to live" + Remedy;
    private const string NoChangeFeed = "@vercel/cosmosdb-server 1.0.1 gives the change feed once, whatever the cursor" + Remedy;

    private static readonly Dictionary<string, string> Skipped = new(StringComparer.Ordinal)
    {
        [nameof(A_record_that_has_outlived_its_time_is_gone_and_its_key_is_free)] = NoTimeToLive,
        [nameof(Time_to_live_counts_from_the_last_write_and_a_replay_ends_it)] = NoTimeToLive,
        [nameof(Full_data_has_a_time_to_live_of_its_own)] = NoTimeToLive,
        [nameof(A_cursor_misses_nothing_when_the_newest_record_has_expired)] = NoTimeToLive,
        [nameof(Changes_show_each_record_in_its_newest_state_and_a_cursor_leads_on)] = NoChangeFeed,
        [nameof(A_cursor_leads_on_after_a_restart_and_misses_nothing)] = NoChangeFeed,
        [nameof(The_newest_cursor_shows_what_changes_after_it)] = NoChangeFeed,
        [nameof(Changes_read_while_writes_go_on_show_every_record)] = NoChangeFeed,
        [nameof(Changes_are_at_most_4_MB_uncompressed_and_say_that_there_are_more)] = NoChangeFeed,
    };

    private TestDatabase? _database;

    [Fact]
    public async Task Changes_hold_records_and_nothing_else()
    {
        var record = StoreSamples.Record();
        await Store.CreateAsync([record], Cancellation);
        await Store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation);
        await Store.CheckAsync(Cancellation);

        var page = await Store.ReadChangesAsync(null, 10, Cancellation);

        StoreSamples.AssertSame(record, Assert.Single(page.Items));
        Assert.NotEmpty(page.Cursor);
    }

    [Fact]
    public async Task Pages_part_events_of_different_sources_that_share_id_and_time()
    {
        var records = Enumerable.Range(0, 5).Select(i => StoreSamples.Record("same", source: $"/{i}")).ToList();
        await Store.CreateAsync(records, Cancellation);
        List<string> seen = [];
        string? continuation = null;
        do
        {
            var page = await Store.ListAsync(new EventQuery { Limit = 2, Continuation = continuation }, Cancellation);
            seen.AddRange(page.Items.Select(item => item.Key.Source));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(["/0", "/1", "/2", "/3", "/4"], seen.Order());
    }

    protected override async Task<IEventStore> OpenAsync()
    {
        if (!account.IsReal && Skipped.TryGetValue(TestContext.Current.TestMethod!.MethodName, out var reason))
        {
            Assert.Skip(reason);
        }

        _database ??= await TestDatabase.CreateAsync(account);
        return _database.EventStore;
    }

    protected override Task CloseAsync(IEventStore store) => Task.CompletedTask;

    protected override Task PassAsync(TimeSpan time) => Task.Delay(time, Cancellation);

    public override async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await base.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
