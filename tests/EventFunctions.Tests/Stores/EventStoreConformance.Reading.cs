using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>Lists, what is due for the relay, and changes.</content>
public abstract partial class EventStoreConformance
{
    private async Task<List<EventRecord>> CreateManyAsync(int count, Func<int, EventRecord> create)
    {
        var records = Enumerable.Range(0, count).Select(create).ToList();
        Assert.All(await Store.CreateAsync(records, Cancellation), Assert.True);
        return records;
    }

    [Fact]
    public async Task Lists_match_every_combination_of_filters_exactly()
    {
        string[] sources = ["/a", "/b"];
        string[] types = ["x", "y"];
        string?[] subjects = ["s", "t", null];
        var records = await CreateManyAsync(Statuses.Length * 12 * 2, i => StoreSamples.Record(
            source: sources[i % 2],
            type: types[i / 2 % 2],
            subject: subjects[i / 4 % 3],
            status: Statuses[i / 12 % Statuses.Length],
            at: StoreSamples.Start.AddSeconds(i * 37 % 144)));
        EventStatus?[] statuses =
            [null, .. Statuses, EventStatus.Open, EventStatus.Final, EventStatus.Failed | EventStatus.DeadLettered, EventStatus.None];
        bool[] ranges = [false, true];
        var queries =
            from status in statuses
            from source in new[] { null, "/a", "/A" }
            from type in new[] { null, "x" }
            from subject in new[] { null, "s" }
            from range in ranges
            select new EventQuery
            {
                Status = status,
                Source = source,
                Type = type,
                Subject = subject,
                From = range ? StoreSamples.Start.AddSeconds(20) : null,
                To = range ? StoreSamples.Start.AddSeconds(100) : null,
                Limit = 1_000,
            };

        foreach (var query in queries)
        {
            var page = await Store.ListAsync(query, Cancellation);
            Assert.Null(page.Continuation);
            Assert.Equal(
                records.Where(record => Matches(query, record)).OrderByDescending(record => record.RecordedAt).Select(record => record.Key),
                page.Items.Select(record => record.Key));
        }
    }

    private static bool Matches(EventQuery query, EventRecord record) =>
        (query.Status is null || (query.Status & record.Status) != 0)
        && (query.Source ?? record.Event.Source) == record.Event.Source
        && (query.Type ?? record.Event.Type) == record.Event.Type
        && (query.Subject ?? record.Event.Subject) == record.Event.Subject
        && (query.From is null || record.RecordedAt >= query.From)
        && (query.To is null || record.RecordedAt < query.To);

    [Fact]
    public async Task Pages_hold_each_record_once_while_others_are_added()
    {
        var records = await CreateManyAsync(50, i => StoreSamples.Record(at: StoreSamples.Start.AddSeconds(i)));
        records.Reverse();

        var seen = await ReadPagesAsync(new EventQuery { Limit = 7 }, () => CreateAsync(StoreSamples.Record(at: StoreSamples.Start.AddHours(1))));

        Assert.Equal(records.Select(record => record.Key), seen.Select(record => record.Key));
    }

    [Fact]
    public async Task Pages_hold_each_record_once_where_times_are_equal()
    {
        var records = await CreateManyAsync(30, i => StoreSamples.Record(status: Statuses[i % 2 * 4]));
        foreach (var query in new[] { new EventQuery { Limit = 4 }, new EventQuery { Limit = 4, Status = EventStatus.Recorded | EventStatus.Failed } })
        {
            var seen = await ReadPagesAsync(query, () => Task.CompletedTask);

            Assert.Equal(30, seen.Count);
            Assert.Equal(records.Select(record => record.Key.Id).Order(), seen.Select(record => record.Key.Id).Order());
        }
    }

    private async Task<List<EventRecord>> ReadPagesAsync(EventQuery query, Func<Task> between)
    {
        List<EventRecord> seen = [];
        do
        {
            var page = await Store.ListAsync(query, Cancellation);
            Assert.InRange(page.Items.Count, 1, query.Limit);
            seen.AddRange(page.Items);
            query = query with { Continuation = page.Continuation };
            await between();
        }
        while (query.Continuation is not null);

        return seen;
    }

    [Fact]
    public async Task A_continuation_leads_on_after_a_restart()
    {
        await CreateManyAsync(5, i => StoreSamples.Record($"{i}", at: StoreSamples.Start.AddSeconds(i)));
        var first = await Store.ListAsync(new EventQuery { Limit = 3 }, Cancellation);

        await ReopenAsync();

        var second = await Store.ListAsync(new EventQuery { Limit = 3, Continuation = first.Continuation }, Cancellation);
        Assert.Equal(["1", "0"], second.Items.Select(record => record.Key.Id));
    }

    public static TheoryData<string> BadContinuations =>
        ["", " ", "x", "1", "1.", ".1", "1.2.3", "1.-2", "-", "99999999999999999999.1", "1.99999999999999999999", "' OR 1=1 --", "\0", "{}", "{\"a\":", new string('9', 10_000)];

    [Theory]
    [MemberData(nameof(BadContinuations))]
    public async Task A_continuation_that_the_store_did_not_give_is_refused(string continuation)
    {
        await CreateAsync(StoreSamples.Record());

        await Assert.ThrowsAsync<InvalidContinuationException>(
            () => Store.ListAsync(new EventQuery { Continuation = continuation }, Cancellation));
    }

    [Fact]
    public async Task What_is_due_is_read_that_longest_due_first()
    {
        var records = await CreateManyAsync(24, i => StoreSamples.Record(status: Statuses[i % Statuses.Length]) with
        {
            RelayAt = i == 2 ? null : StoreSamples.Start.AddSeconds(i * 7 % 24),
        });
        var now = StoreSamples.Start.AddSeconds(14);
        var expected = records
            .Where(record => record.RelayAt <= now)
            .OrderBy(record => record.RelayAt)
            .Select(record => record.Key)
            .ToList();

        Assert.Equal(expected, (await Store.ReadDueAsync(now, 100, Cancellation)).Select(record => record.Key));
        Assert.Equal(expected[..2], (await Store.ReadDueAsync(now, 2, Cancellation)).Select(record => record.Key));
        Assert.Empty(await Store.ReadDueAsync(StoreSamples.Start.AddSeconds(-1), 100, Cancellation));
    }

    [Fact]
    public async Task What_is_put_off_or_finished_is_not_due()
    {
        var (putOff, finished) = (await CreateAsync(StoreSamples.Record()), await CreateAsync(StoreSamples.Record()));
        var now = StoreSamples.Start.AddMinutes(11);
        Assert.Equal(2, (await Store.ReadDueAsync(now, 10, Cancellation)).Count);

        await Store.PatchAsync(putOff.Key, RecordPatch.RelayLater(0, now.AddMinutes(1), 1, entry: null), Cancellation);
        await Store.PatchAsync(finished.Key, Patch(Change.Completed), Cancellation);

        Assert.Empty(await Store.ReadDueAsync(now, 10, Cancellation));
        Assert.Equal(putOff.Key, Assert.Single(await Store.ReadDueAsync(now.AddMinutes(1), 10, Cancellation)).Key);
    }

    [Fact]
    public async Task Changes_show_each_record_in_its_newest_state_and_a_cursor_leads_on()
    {
        var records = await CreateManyAsync(5, i => StoreSamples.Record($"{i}"));
        var first = await Store.ReadChangesAsync(null, 3, Cancellation);
        var second = await Store.ReadChangesAsync(first.Cursor, 3, Cancellation);
        var end = await Store.ReadChangesAsync(second.Cursor, 3, Cancellation);

        Assert.Equal(["0", "1", "2", "3", "4"], first.Items.Concat(second.Items).Select(record => record.Key.Id).Order());
        Assert.Empty(end.Items);
        Assert.Equal(second.Cursor, end.Cursor);

        await Store.PatchAsync(records[1].Key, Patch(Change.AttemptNoted), Cancellation);
        await CreateAsync(StoreSamples.Record("5"));
        await Store.PatchAsync(records[1].Key, Patch(Change.Completed), Cancellation);
        var later = await Store.ReadChangesAsync(end.Cursor, 10, Cancellation);

        Assert.Equal(EventStatus.Completed, later.Items.Last(record => record.Key == records[1].Key).Status);
        Assert.Equal(["1", "5"], later.Items.Select(record => record.Key.Id).Distinct().Order());
    }

    [Fact]
    public async Task A_cursor_leads_on_after_a_restart_and_misses_nothing()
    {
        var before = await CreateManyAsync(3, i => StoreSamples.Record($"{i}"));
        var cursor = (await Store.ReadChangesAsync(null, 2, Cancellation)).Cursor;

        await ReopenAsync();
        await CreateAsync(StoreSamples.Record("3"));
        await Store.PatchAsync(before[0].Key, Patch(Change.Failed), Cancellation);

        var seen = (await Store.ReadChangesAsync(cursor, 10, Cancellation)).Items;
        Assert.Equal(["0", "2", "3"], seen.Select(record => record.Key.Id).Order());
    }

    [Fact]
    public async Task The_newest_cursor_shows_what_changes_after_it()
    {
        Assert.Empty((await Store.ReadChangesAsync(await Store.ReadNewestCursorAsync(Cancellation), 10, Cancellation)).Items);
        var before = await CreateManyAsync(3, i => StoreSamples.Record($"{i}"));

        var cursor = await Store.ReadNewestCursorAsync(Cancellation);
        await Store.PatchAsync(before[1].Key, Patch(Change.Failed), Cancellation);
        await CreateAsync(StoreSamples.Record("3"));
        await ReopenAsync();

        // A store may show some of what changed just before.
        var seen = (await Store.ReadChangesAsync(cursor, 10, Cancellation)).Items;
        Assert.Superset(new HashSet<string> { "1", "3" }, seen.Select(record => record.Key.Id).ToHashSet());
    }

    [Fact]
    public async Task A_cursor_misses_nothing_when_the_newest_record_has_expired()
    {
        var record = await CreateAsync(StoreSamples.Record(status: EventStatus.Completed) with { TimeToLive = TimeSpan.FromSeconds(1) });
        var cursor = (await Store.ReadChangesAsync(null, 10, Cancellation)).Cursor;
        await PassAsync(TimeSpan.FromMinutes(2));
        await ReopenAsync();

        await CreateAsync(record with { TimeToLive = null });

        Assert.Single((await Store.ReadChangesAsync(cursor, 10, Cancellation)).Items);
    }

    [Fact]
    public async Task Changes_read_while_writes_go_on_show_every_record()
    {
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await CreateAsync(StoreSamples.Record($"{worker}-{i}"));
            }
        })));
        HashSet<string> seen = [];
        string? cursor = null;
        var written = false;
        while (true)
        {
            var page = await Store.ReadChangesAsync(cursor, 10, Cancellation);
            seen.UnionWith(page.Items.Select(record => record.Key.Id));
            cursor = page.Cursor;
            if (page.Items.Count == 0 && written)
            {
                break;
            }

            written = writing.IsCompleted;
        }

        await writing;
        Assert.Equal(200, seen.Count);
    }

    public static TheoryData<string> BadCursors => ["", "0", "-1", "x", "1.1", "0000000000000000.0", "' OR 1=1 --", "\0", "{}", new string('9', 10_000)];

    [Theory]
    [MemberData(nameof(BadCursors))]
    public async Task A_cursor_that_the_store_did_not_give_is_refused(string cursor)
    {
        await CreateAsync(StoreSamples.Record());

        await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ReadChangesAsync(cursor, 10, Cancellation));
    }
}
