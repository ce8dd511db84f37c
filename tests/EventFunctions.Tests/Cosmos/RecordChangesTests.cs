using EventFunctions.Azure.Cosmos;
using EventFunctions.CloudEvents;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Cosmos;

public sealed class RecordChangesTests : IDisposable
{
    private static readonly DateTimeOffset Then = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Then.AddHours(1);

    private readonly RangedAccount _account = new("55", "AA");
    private readonly ChangeProgress _progress = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_short_page_of_one_range_is_not_the_end_while_others_have_more()
    {
        Change(0, "new", Later);
        Change(1, "old", Then);

        var first = await ReadAsync(null);
        Assert.Equal(["new"], IdsOf(first));
        Assert.False(first.IsEnd || _progress.Covers(Later));

        var second = await ReadAsync(first.Cursor);
        Assert.Equal(["old"], IdsOf(second));
        Assert.False(second.IsEnd || _progress.Covers(Later));

        var end = await ReadAsync(second.Cursor);
        Assert.Empty(end.Items);
        Assert.True(end.IsEnd && _progress.Covers(Later));
        Assert.Equal(second.Cursor, end.Cursor);
    }

    [Fact]
    public async Task Where_one_range_changes_all_the_time_a_time_is_covered_when_all_have_passed_it()
    {
        string? cursor = null;
        var pages = 0;
        Change(2, "old", Then);
        for (; pages < 10 && !_progress.Covers(Later); pages++)
        {
            Change(0, $"{pages}", Later.AddSeconds(pages));
            var page = await ReadAsync(cursor);
            Assert.False(page.IsEnd);
            cursor = page.Cursor;
        }

        // Its own range, then the one with something old, and once more around: the others were found to be at their end.
        Assert.InRange(pages, 3, 5);
    }

    [Fact]
    public async Task A_page_of_full_data_only_counts_as_far_as_it_goes_and_hides_nothing_behind_it()
    {
        _account.Change(0, DocumentJson.Write(StoreSamples.FullData(new EventKey("/s", "1"))), Then);
        Change(0, "old", Then);
        Change(1, "1", Later);

        var first = await ReadAsync(null, limit: 1);
        Assert.Equal(["1"], IdsOf(first));
        var second = await ReadAsync(first.Cursor, limit: 1);

        Assert.Equal(["old"], IdsOf(second));
        Assert.False(_progress.Covers(Later));
    }

    [Fact]
    public async Task A_range_that_fails_is_not_taken_for_one_without_changes()
    {
        var end = await ReadAsync(null);
        Assert.True(end.IsEnd);
        _account.Down = [1];

        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => new CosmosEventStore(_account.Client.GetContainer("db", "events"), new RecordReader(NullLogger.Instance), null, TimeSpan.FromSeconds(5)).ReadChangesAsync(end.Cursor, 10, Stop));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_passed_over_and_logged_once()
    {
        _account.Change(0, """{"kind":"event","eventId":"bad","source":"/s","status":"unheard of"}"""u8.ToArray(), Then);
        Change(0, "good", Then);

        Assert.Equal(["good"], IdsOf(await ReadAsync(null)));
        Assert.Equal(["good"], IdsOf(await ReadAsync(null)));
        Assert.Equal("Skipping the record of event bad of /s: it cannot be read.", Assert.Single(_account.Log.Lines).Text);
    }

    [Fact]
    public async Task A_page_that_becomes_more_than_4_MB_is_asked_for_again_in_a_smaller_size()
    {
        var letters = new EventContent(ContentKind.Text, Enumerable.Repeat((byte)'x', 950_000).ToArray());
        _account.Change(1, DocumentJson.Write(StoreSamples.FullData(new EventKey("/s", "1"))), Then);
        foreach (var i in Enumerable.Range(0, 9))
        {
            _account.Change(1, DocumentJson.Write(StoreSamples.Record($"{i}", data: letters)), Then.AddSeconds(i));
        }

        List<string> seen = [];
        ChangePage page;
        for (string? cursor = null; !(page = await ReadAsync(cursor, limit: 100)).IsEnd; cursor = page.Cursor)
        {
            Assert.InRange(page.Items.Count, 1, 4);
            seen.AddRange(IdsOf(page));
            Assert.Equal(seen.Count < 9, page.IsCut);
            Assert.False(seen.Count < 9 && _progress.Covers(Later));
        }

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), seen);
        Assert.True(_progress.Covers(Later));
    }

    [Fact]
    public void A_list_that_cannot_be_read_covers_no_time()
    {
        var turns = new RangeTurns(null);

        turns.Take("no list", Later, Later);

        Assert.Empty(turns.Ranges);
        Assert.True(turns.WasAround);
    }

    public void Dispose() => _account.Dispose();

    private void Change(int partition, string id, DateTimeOffset at) => _account.Change(partition, DocumentJson.Write(StoreSamples.Record(id)), at);

    private async Task<ChangePage> ReadAsync(string? cursor, int limit = 10)
    {
        var page = await _account.Changes.ReadAsync(cursor, limit, Stop);
        _progress.Take(page);
        return page;
    }

    private static IEnumerable<string> IdsOf(ChangePage page) => page.Items.Select(record => record.Key.Id);
}
