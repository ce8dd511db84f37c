using EventFunctions.CloudEvents;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Stores;

public sealed class UnreadableRecordTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDatabase _database;
    private readonly ListLogger<SqliteEventStore> _log = new();
    private readonly SqliteEventStore _store;

    public UnreadableRecordTests()
    {
        _database = new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations);
        _store = new SqliteEventStore(_database, new FakeTimeProvider(StoreSamples.Start), TimeSpan.FromHours(1), _log);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Lists_changes_and_what_is_due_pass_over_it_and_it_is_logged_once()
    {
        await CreateAsync("1", "bad", "3");
        Spoil("bad");

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["3", "1"], (await _store.ListAsync(new EventQuery(), Stop)).Items.Select(record => record.Key.Id));
            Assert.Equal(["1", "3"], (await _store.ReadChangesAsync(null, 10, Stop)).Items.Select(record => record.Key.Id));
            Assert.Equal(["1", "3"], (await _store.ReadDueAsync(StoreSamples.Start.AddDays(1), 10, Stop)).Select(record => record.Key.Id));
        }

        Assert.Equal("Skipping the record of event bad of /insurance/policies: it cannot be read.", Assert.Single(_log.Lines).Text);
    }

    [Fact]
    public async Task Pages_lead_on_behind_it()
    {
        await CreateAsync("1", "bad", "also", "4");
        Spoil("bad");
        Spoil("also");
        List<string> listed = [];
        string? continuation = null;
        do
        {
            var page = await _store.ListAsync(new EventQuery { Limit = 1, Continuation = continuation }, Stop);
            listed.AddRange(page.Items.Select(record => record.Key.Id));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        var first = await _store.ReadChangesAsync(null, 1, Stop);
        var second = await _store.ReadChangesAsync(first.Cursor, 1, Stop);
        var end = await _store.ReadChangesAsync(second.Cursor, 1, Stop);

        Assert.Equal(["4", "1"], listed);
        Assert.Equal(["1", "4"], first.Items.Concat(second.Items).Select(record => record.Key.Id));
        Assert.Empty(end.Items);
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private async Task CreateAsync(params string[] ids)
    {
        foreach (var (i, id) in ids.Index())
        {
            await _store.CreateAsync([StoreSamples.Record(id, at: StoreSamples.Start.AddSeconds(i))], Stop);
        }
    }

    // As a version that nobody has any more may have written it.
    private void Spoil(string id) => UnreadableRecord.Make(_database, new EventKey("/insurance/policies", id));
}
