using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>How much a page holds, however small what it is read from.</content>
public abstract partial class EventStoreConformance
{
    private const int OfLarge = 12;

    // Gzipped it is a thousandth, so that only a count of what it becomes can end a page.
    private static EventContent OneLetter { get; } = new(ContentKind.Text, Enumerable.Repeat((byte)'x', 950_000).ToArray());

    // And what does not shrink, or is small enough to be stored as it is.
    private Task<List<EventRecord>> CreateLargeAsync() => CreateManyAsync(OfLarge, i => StoreSamples.Record(
        $"{i}",
        at: StoreSamples.Start.AddSeconds(i),
        data: (i % 4) switch
        {
            0 => StoreSamples.Random(900_000),
            1 => EventContent.FromJson($"\"{new string('x', 250_000)}\""),
            _ => OneLetter,
        }) with
    { RelayAt = StoreSamples.Start.AddSeconds(i) });

    private static long BytesOf(IEnumerable<EventRecord> page) => page.Sum(record => record.Event.Data?.Bytes.Length ?? 0);

    [Fact]
    public async Task A_page_ends_before_its_records_are_more_than_4_MB_uncompressed()
    {
        var records = await CreateLargeAsync();
        records.Reverse();
        List<EventRecord> seen = [];
        string? continuation = null;
        do
        {
            var page = await Store.ListAsync(new EventQuery { Limit = 1_000, Continuation = continuation }, Cancellation);
            Assert.InRange(BytesOf(page.Items), 0, PageBudget.MaxBytes);
            Assert.NotEmpty(page.Items);
            seen.AddRange(page.Items);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(records.Select(record => (record.Key, record.Event.Data)), seen.Select(record => (record.Key, record.Event.Data)));
    }

    [Fact]
    public async Task A_page_without_data_holds_what_one_with_data_has_no_room_for()
    {
        await CreateLargeAsync();

        var page = await Store.ListAsync(new EventQuery { WithData = false }, Cancellation);

        Assert.Null(page.Continuation);
        Assert.Equal(OfLarge, page.Items.Count);
        Assert.All(page.Items, record => Assert.Null(record.Event.Data));
    }

    [Fact]
    public async Task What_is_due_is_at_most_4_MB_uncompressed_that_longest_due_first()
    {
        var records = await CreateLargeAsync();

        var due = await Store.ReadDueAsync(StoreSamples.Start.AddMinutes(1), 1_000, Cancellation);

        Assert.InRange(BytesOf(due), 1, PageBudget.MaxBytes);
        Assert.Equal(records.Take(due.Count).Select(record => record.Key), due.Select(record => record.Key));
    }

    [Fact]
    public async Task Changes_are_at_most_4_MB_uncompressed_and_say_that_there_are_more()
    {
        var records = await CreateLargeAsync();
        List<EventRecord> seen = [];
        string? cursor = null;
        while (true)
        {
            var page = await Store.ReadChangesAsync(cursor, 1_000, Cancellation);
            if (page.Items.Count == 0)
            {
                break;
            }

            Assert.InRange(BytesOf(page.Items), 0, PageBudget.MaxBytes);
            seen.AddRange(page.Items);
            Assert.Equal(seen.Count < records.Count, page.IsCut);
            cursor = page.Cursor;
        }

        Assert.Equal(records.Select(record => record.Key.Id).Order(), seen.Select(record => record.Key.Id).Order());
    }
}
