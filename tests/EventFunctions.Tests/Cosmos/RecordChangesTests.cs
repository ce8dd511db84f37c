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

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_short_page_of_one_range_is_not_the_end_while_others_have_more()
    {
        Change(0, "new", Later);
        Change(1, "old", Then);

        var first = await ReadAsync(null);
        Assert.Equal(["new"], IdsOf(first));

        var second = await ReadAsync(first.Cursor);
        Assert.Equal(["old"], IdsOf(second));

        var end = await ReadAsync(second.Cursor);
        Assert.Empty(end.Items);
        Assert.Equal(second.Cursor, end.Cursor);
    }

    [Fact]
    public async Task A_page_of_full_data_only_hides_nothing_behind_it()
    {
        _account.Change(0, DocumentJson.Write(StoreSamples.FullData(new EventKey("/s", "1"))), Then);
        Change(0, "old", Then);
        Change(1, "1", Later);

        var first = await ReadAsync(null, limit: 1);
        Assert.Equal(["1"], IdsOf(first));
        var second = await ReadAsync(first.Cursor, limit: 1);

        Assert.Equal(["old"], IdsOf(second));
    }

    [Fact]
    public async Task A_range_that_fails_is_not_taken_for_one_without_changes()
    {
        var end = await ReadAsync(null);
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
        for (string? cursor = null; (page = await ReadAsync(cursor, limit: 100)).Items.Count > 0; cursor = page.Cursor)
        {
            Assert.InRange(page.Items.Count, 1, 4);
            seen.AddRange(IdsOf(page));
            Assert.Equal(seen.Count < 9, page.IsCut);
        }

        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), seen);
    }

    [Fact]
    public void A_list_of_ranges_that_cannot_be_read_ends_the_round()
    {
        var turns = new RangeTurns(null);

        turns.Take("no list");

        Assert.True(turns.WasAround);
    }

    public void Dispose() => _account.Dispose();

    private void Change(int partition, string id, DateTimeOffset at) => _account.Change(partition, DocumentJson.Write(StoreSamples.Record(id)), at);

    private Task<ChangePage> ReadAsync(string? cursor, int limit = 10) => _account.Changes.ReadAsync(cursor, limit, Stop);

    private static IEnumerable<string> IdsOf(ChangePage page) => page.Items.Select(record => record.Key.Id);
}
