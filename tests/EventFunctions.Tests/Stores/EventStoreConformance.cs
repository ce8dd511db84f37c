using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Stores;

/// <summary>
/// What every <see cref="IEventStore"/> does. A store joins by opening itself for one test: empty at first, and the same
/// again after <see cref="ReopenAsync"/>.
/// </summary>
public abstract partial class EventStoreConformance : IAsyncLifetime
{
    private IEventStore? _store;

    /// <summary>The time by which the store works.</summary>
    protected FakeTimeProvider Time { get; } = new(StoreSamples.Start);

    protected IEventStore Store => _store ?? throw new InvalidOperationException("The store is not open.");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens the test's own store.</summary>
    protected abstract Task<IEventStore> OpenAsync();

    /// <summary>Closes a store, which keeps what it has.</summary>
    protected abstract Task CloseAsync(IEventStore store);

    /// <summary>Lets time pass for what expires.</summary>
    protected virtual Task PassAsync(TimeSpan time)
    {
        Time.Advance(time);
        return Task.CompletedTask;
    }

    public async ValueTask InitializeAsync() => _store = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync(Store);
        GC.SuppressFinalize(this);
    }

    protected async Task ReopenAsync()
    {
        await CloseAsync(Store);
        _store = await OpenAsync();
    }

    private async Task<EventRecord> CreateAsync(EventRecord record)
    {
        Assert.True(Assert.Single(await Store.CreateAsync([record], Cancellation)));
        return record;
    }

    [Fact]
    public async Task A_record_comes_back_as_it_was_stored()
    {
        var record = await CreateAsync(StoreSamples.RecordWithEverything());

        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task A_key_that_is_taken_is_not_created_again_and_keeps_its_record()
    {
        var first = await CreateAsync(StoreSamples.Record());
        var second = first with { Fingerprint = new string('b', 64) };

        Assert.Equal([false], await Store.CreateAsync([second], Cancellation));
        StoreSamples.AssertSame(first, await Store.ReadAsync(first.Key, Cancellation));
    }

    [Fact]
    public async Task Each_record_of_a_batch_is_created_or_not_on_its_own()
    {
        var taken = await CreateAsync(StoreSamples.Record());
        var (before, after) = (StoreSamples.Record(), StoreSamples.Record());

        Assert.Equal([true, false, true], await Store.CreateAsync([before, taken, after], Cancellation));
        Assert.NotNull(await Store.ReadAsync(before.Key, Cancellation));
        Assert.NotNull(await Store.ReadAsync(after.Key, Cancellation));
    }

    [Fact]
    public async Task An_empty_batch_creates_nothing() => Assert.Empty(await Store.CreateAsync([], Cancellation));

    [Fact]
    public async Task One_id_with_different_sources_is_different_events()
    {
        var one = await CreateAsync(StoreSamples.Record("1", source: "/a"));
        var other = await CreateAsync(StoreSamples.Record("1", source: "/b"));

        StoreSamples.AssertSame(one, await Store.ReadAsync(one.Key, Cancellation));
        StoreSamples.AssertSame(other, await Store.ReadAsync(other.Key, Cancellation));
        await Store.PatchAsync(one.Key, RecordPatch.Failed(0, "why", []), Cancellation);
        StoreSamples.AssertSame(other, await Store.ReadAsync(other.Key, Cancellation));
    }

    [Fact]
    public async Task What_is_source_and_what_is_id_matters()
    {
        await CreateAsync(StoreSamples.Record("bc", source: "a"));

        Assert.Null(await Store.ReadAsync(new EventKey("ab", "c"), Cancellation));
        await CreateAsync(StoreSamples.Record("c", source: "ab"));
    }

    public static TheoryData<string> OddKeys => [.. OddTexts];

    private static string[] OddTexts =>
    [
        "a/b\\c?d#e%20%", ".", "..", "~abc", " leading and trailing ", "A", "a", "\"quoted\" 'quoted'", "ä", "a\u0308", "漢字😀",
        new string('x', 1_024), string.Concat(Enumerable.Repeat("漢", 341)), "'; DROP TABLE records; --", "event-1", "$type", "null",
    ];

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task A_key_may_hold_any_character(string text)
    {
        var record = await CreateAsync(StoreSamples.Record(id: text, source: text, subject: text));
        await Store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation);

        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
        Assert.Equal(record.Key, (await Store.ReadDataAsync(record.Key, 0, Cancellation))?.Key);
        Assert.Single((await Store.ListAsync(new EventQuery { Source = text, Subject = text }, Cancellation)).Items);
        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, RecordPatch.Failed(0, "why", []), Cancellation));
    }

    [Fact]
    public async Task Odd_keys_are_all_different()
    {
        var records = OddTexts.Select(text => StoreSamples.Record(text)).ToList();

        Assert.All(await Store.CreateAsync(records, Cancellation), Assert.True);
        Assert.Equal(records.Count, (await Store.ListAsync(new EventQuery { Limit = 1_000 }, Cancellation)).Items.Count);
    }

    [Fact]
    public async Task Of_concurrent_creates_of_one_key_exactly_one_wins()
    {
        var record = StoreSamples.Record();
        var attempts = Enumerable.Range(0, 50).Select(i => record with { Fingerprint = $"{i:d64}" }).ToList();

        var created = await Task.WhenAll(attempts.Select(attempt => Task.Run(() => Store.CreateAsync([attempt], Cancellation))));

        var winner = Assert.Single(attempts.Where((_, i) => created[i][0]));
        StoreSamples.AssertSame(winner, await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        var key = new EventKey("/nowhere", "1");

        Assert.Null(await Store.ReadAsync(key, Cancellation));
        Assert.Null(await Store.ReadDataAsync(key, 0, Cancellation));
        Assert.Equal(PatchOutcome.NotFound, await Store.PatchAsync(key, RecordPatch.Failed(0, "why", []), Cancellation));
    }

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart()
    {
        var record = await CreateAsync(StoreSamples.RecordWithEverything());
        var data = StoreSamples.FullData(record.Key);
        await Store.CreateDataAsync(data, Cancellation);

        await ReopenAsync();

        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
        Assert.Equal(data, await Store.ReadDataAsync(record.Key, 0, Cancellation));
        Assert.Equal([false], await Store.CreateAsync([record], Cancellation));
    }

    [Fact]
    public async Task A_check_finds_nothing_wrong_with_a_store_that_works_and_writes_nothing()
    {
        var before = await Store.ReadNewestCursorAsync(Cancellation);

        await Store.CheckAsync(Cancellation);
        await Store.CheckAsync(Cancellation);

        Assert.Equal(before, await Store.ReadNewestCursorAsync(Cancellation));
        Assert.Empty((await Store.ListAsync(new EventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task A_cancelled_call_ends_as_cancelled()
    {
        var record = await CreateAsync(StoreSamples.Record());
        var cancelled = new CancellationToken(canceled: true);
        Func<Task>[] calls =
        [
            () => Store.CreateAsync([StoreSamples.Record()], cancelled),
            () => Store.ReadAsync(record.Key, cancelled),
            () => Store.PatchAsync(record.Key, RecordPatch.Failed(0, "why", []), cancelled),
            () => Store.CreateDataAsync(StoreSamples.FullData(record.Key), cancelled),
            () => Store.ReadDataAsync(record.Key, 0, cancelled),
            () => Store.ListAsync(new EventQuery(), cancelled),
            () => Store.ReadDueAsync(StoreSamples.Start, 10, cancelled),
            () => Store.ReadChangesAsync(null, 10, cancelled),
            () => Store.CheckAsync(cancelled),
        ];

        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }

        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
    }
}
