using EventFunctions.Administration;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Administration;

public sealed class AdministrationLogTests : IAsyncDisposable
{
    private static readonly AdministrationEntry Entry = new() { By = "key:9f86d081", Action = "PutProducer", Object = "producer", Name = "policies" };

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly SqliteEventStore _file;
    private readonly FaultyDocuments _documents;
    private readonly AdministrationLog _log;

    public AdministrationLogTests()
    {
        _file = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), _time, TimeSpan.FromDays(1), NullLogger.Instance);
        _documents = new FaultyDocuments(new SqliteDocumentStore(_file));
        _log = new AdministrationLog(
            _documents, _time, Options.Create(new AdministrationOptions { LogTimeToLive = TimeSpan.FromDays(30) }), NullLogger<AdministrationLog>.Instance);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_change_whose_entry_cannot_be_written_is_not_made()
    {
        _documents.FailOnce(0, takesEffect: false);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => RecordAsync(() => throw new InvalidOperationException("It was made.")));

        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task While_a_change_is_made_and_when_it_or_the_record_of_it_fails_the_outcome_is_unknown()
    {
        await RecordAsync(async () =>
        {
            Assert.Equal(AdministrationOutcome.Unknown, Assert.Single(await ListAsync()).Outcome);
            return true;
        });
        await Assert.ThrowsAsync<IOException>(() => RecordAsync(() => throw new IOException("The store may have it.")));
        _documents.FailOnce(1, takesEffect: false);
        Assert.True(await RecordAsync(() => Task.FromResult(true)));

        Assert.Equal(
            [AdministrationOutcome.Unknown, AdministrationOutcome.Unknown, AdministrationOutcome.Made], (await ListAsync()).Select(entry => entry.Outcome));
    }

    [Fact]
    public async Task A_change_that_is_refused_leaves_no_entry_and_one_that_is_made_leaves_it_for_as_long_as_the_setting_says()
    {
        Assert.False(await RecordAsync(() => Task.FromResult(false)));
        Assert.True(await RecordAsync(() => Task.FromResult(true)));

        var made = Entry with { At = StoreSamples.Start.AddSeconds(2), Outcome = AdministrationOutcome.Made, ETagAfter = "\"2\"" };
        Assert.Equal(made, Assert.Single(await ListAsync()) with { Id = "" });
        _time.Advance(TimeSpan.FromDays(30));
        Assert.Empty(await ListAsync());
    }

    private async Task<IReadOnlyList<AdministrationEntry>> ListAsync() => (await _log.ListAsync(100, null, Stop)).Items;

    private Task<bool> RecordAsync(Func<Task<bool>> change)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _log.RecordAsync(Entry, change, (entry, isMade) => isMade ? entry with { ETagAfter = "\"2\"" } : null, Stop);
    }
}
