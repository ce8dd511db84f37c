using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Stores;

/// <summary>Without a memory of records: all that is read here comes from the file.</summary>
public sealed class SqliteEventStoreTests() : SqliteEventStoreConformance(maxRecentRecords: 0)
{
    [Fact]
    public async Task A_store_locked_by_another_connection_is_unavailable_and_works_again_when_the_lock_is_gone()
    {
        var record = StoreSamples.Record();
        using (var other = Database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");
            Func<Task>[] writes =
            [
                () => Store.CreateAsync([record], Cancellation),
                () => Store.PatchAsync(record.Key, RecordPatch.Failed(0, "why", []), Cancellation),
                () => Store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation),
            ];
            await Task.WhenAll(writes.Select(write => Assert.ThrowsAsync<StoreUnavailableException>(write)));
            Assert.Null(await Store.ReadAsync(record.Key, Cancellation));
        }

        await Store.CheckAsync(Cancellation);
        Assert.Equal([true], await Store.CreateAsync([record], Cancellation));
    }

    [Fact]
    public async Task A_store_locked_when_it_is_opened_works_when_the_lock_is_gone()
    {
        await Sqlite.DisposeAsync();
        using (var other = Database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE store SET last_change = last_change; COMMIT");
            await ReopenAsync();
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.CheckAsync(Cancellation));
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.ListAsync(new EventQuery(), Cancellation));
        }

        await Store.CheckAsync(Cancellation);
        Assert.Equal([true], await Store.CreateAsync([StoreSamples.Record()], Cancellation));
    }

    [Fact]
    public async Task On_a_full_disk_no_write_succeeds_that_is_not_stored()
    {
        await ReopenWithAsync("PRAGMA max_page_count=200");
        var records = Enumerable.Range(0, 400).Select(i => StoreSamples.Record(data: StoreSamples.Random(4_000, i))).ToList();

        var outcomes = await Task.WhenAll(records.Select(async record =>
        {
            try
            {
                return (await Store.CreateAsync([record], Cancellation))[0];
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        }));

        Assert.Contains(false, outcomes);
        await ReopenWithAsync("PRAGMA max_page_count=1000000");
        for (var i = 0; i < records.Count; i++)
        {
            Assert.Equal(outcomes[i], await Store.ReadAsync(records[i].Key, Cancellation) is not null);
        }

        Assert.Equal([true], await Store.CreateAsync([StoreSamples.Record()], Cancellation));
    }

    [Fact]
    public async Task A_read_only_store_still_reads_and_refuses_every_write()
    {
        var record = StoreSamples.Record();
        await Store.CreateAsync([record], Cancellation);
        await ReopenWithAsync("PRAGMA query_only=ON");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Store.CreateAsync([StoreSamples.Record()], Cancellation));
        StoreSamples.AssertSame(record, await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task Concurrent_writes_share_transactions()
    {
        var before = Sqlite.Transactions;
        var writes = Enumerable.Range(0, 500).Select(_ => Store.CreateAsync([StoreSamples.Record()], Cancellation)).ToList();
        Assert.All(await Task.WhenAll(writes), created => Assert.True(created[0]));

        Assert.InRange(Sqlite.Transactions - before, 1, 100);
    }

    [Fact]
    public async Task A_write_that_is_done_is_seen_by_a_connection_that_opens_then()
    {
        var record = StoreSamples.Record();
        await Store.CreateAsync([record], Cancellation);

        Assert.Equal(1, Count("records"));
        await Store.PatchAsync(record.Key, RecordPatch.Failed(0, "why", []), Cancellation);
        Assert.Equal(1, Count("records WHERE status = 16"));
    }

    [Fact]
    public async Task What_has_expired_is_removed_in_the_background()
    {
        var brief = Enumerable.Range(0, 120)
            .Select(_ => StoreSamples.Record(status: EventStatus.Completed) with { TimeToLive = TimeSpan.FromDays(7) }).ToList();
        await Store.CreateAsync(brief, Cancellation);
        await Store.CreateAsync([StoreSamples.Record()], Cancellation);
        await Store.CreateDataAsync(StoreSamples.FullData(brief[0].Key) with { TimeToLive = TimeSpan.FromDays(7) }, Cancellation);

        Time.Advance(TimeSpan.FromDays(6));
        Assert.Equal([false], await Store.CreateAsync([brief[0]], Cancellation));
        Assert.Equal(121, Count("records"));

        Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Count("records") + Count("data") > 1)
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    [Fact]
    public async Task An_expired_failure_is_counted_neither_before_nor_after_its_removal()
    {
        var brief = Failure("brief", minute: 1) with { TimeToLive = TimeSpan.FromDays(7) };
        await Store.CreateAsync([Failure("lasting"), brief], Cancellation);
        Assert.Equal(2, Assert.Single((await Store.ReadFailuresAsync(false, Cancellation)).Groups).Count);

        Time.Advance(TimeSpan.FromDays(7));
        await OnlyLastingAsync();
        Time.Advance(TimeSpan.FromMinutes(1));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (Count("records") > 1)
        {
            await Task.Delay(10, deadline.Token);
        }

        await OnlyLastingAsync();
        await Store.PatchAsync(Failure("lasting").Key, Patch(Change.Completed), Cancellation);
        Assert.Empty((await Store.ReadFailuresAsync(false, Cancellation)).Groups);

        async Task OnlyLastingAsync()
        {
            var group = Assert.Single((await Store.ReadFailuresAsync(false, Cancellation)).Groups);
            Assert.Equal((1, StoreSamples.Start, "lasting"), (group.Count, group.Last, Assert.Single(group.Samples).Id));
        }
    }

    [Fact]
    public async Task What_was_erased_is_in_no_file_any_more_after_the_next_sweep()
    {
        const string secret = "Jo lives in Dorking";
        var records = Enumerable.Range(1, 50)
            .Select(i => StoreSamples.Record($"{i}", data: EventContent.FromJson($"\"{string.Concat(Enumerable.Repeat(secret, i * 20))}\""))).ToList();
        await Store.CreateAsync(records, Cancellation);
        foreach (var record in records)
        {
            await Store.CreateDataAsync(
                StoreSamples.FullData(record.Key, new EventContent(ContentKind.Text, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(secret, 2_000))))), Cancellation);
            await Store.PatchAsync(record.Key, RecordPatch.Completed(0, [new(Time.GetUtcNow(), TimelineStep.Completed)], null), Cancellation);
        }

        Assert.True(IsInSomeFile(secret));
        foreach (var record in records)
        {
            await Store.PatchAsync(record.Key, RecordPatch.Erased(0, new(Time.GetUtcNow(), TimelineStep.Erased)), Cancellation);
            await Store.ReplaceDataAsync(FullData.Erasure(record, 0, Time.GetUtcNow()), Cancellation);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (IsInSomeFile(secret))
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(20, deadline.Token);
        }
    }

    private bool IsInSomeFile(string text) => Directory.EnumerateFiles(Folder.Path).Any(path =>
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    });

    [Fact]
    public async Task A_file_of_a_newer_version_is_refused_at_once()
    {
        await Sqlite.DisposeAsync();
        using (var other = Database.OpenWriter())
        {
            SqliteDatabase.Execute(other, "PRAGMA user_version=99");
        }

        var error = await Assert.ThrowsAsync<SqliteSchemaException>(OpenAsync);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_of_another_file_is_refused()
    {
        await using var other = new SqliteEventStore(
            new SqliteDatabase(Folder.File("other.db"), StoreSchema.Migrations), Time, TimeSpan.FromMinutes(1), NullLogger.Instance);
        await other.CreateAsync([StoreSamples.Record()], Cancellation);
        var cursor = (await other.ReadChangesAsync(null, 10, Cancellation)).Cursor;

        await Store.CreateAsync([StoreSamples.Record()], Cancellation);
        await Assert.ThrowsAsync<InvalidContinuationException>(() => Store.ReadChangesAsync(cursor, 10, Cancellation));
    }

    [Fact]
    public async Task Changes_are_in_the_order_of_their_commits()
    {
        var records = Enumerable.Range(0, 5).Select(i => StoreSamples.Record($"{i}")).ToList();
        await Store.CreateAsync(records, Cancellation);
        await Store.PatchAsync(records[2].Key, RecordPatch.Failed(0, "why", []), Cancellation);
        await Store.PatchAsync(records[0].Key, RecordPatch.Failed(0, "why", []), Cancellation);

        var page = await Store.ReadChangesAsync(null, 10, Cancellation);
        Assert.Equal(["1", "3", "4", "2", "0"], page.Items.Select(record => record.Key.Id));
    }

    [Fact]
    public async Task An_entitys_events_are_listed_newest_first_from_all_ranges_also_when_the_clock_jumps()
    {
        var random = new Random(7);
        var at = StoreSamples.Start;
        List<EventRecord> records = [];
        for (var i = 0; i < 5 * EntityRanges.Size; i++)
        {
            at = at.AddMilliseconds(random.Next(60) == 0 ? random.Next(-20_000, 20_000) : random.Next(50));
            records.Add(StoreSamples.Record($"{i}", at: at) with
            {
                Entity = new EntityKey("/insurance/policies", $"customer-{random.Next(3)}"),
                TimeToLive = i % 5 == 0 ? TimeSpan.FromDays(7) : null,
            });
        }

        foreach (var group in records.Chunk(EntityRanges.Size * 3 / 2))
        {
            foreach (var some in group.Chunk(40))
            {
                await Store.CreateAsync(some, Cancellation);
            }

            await ReopenAsync();
        }

        await ListsAreCompleteAsync();

        // Replaces some of the expired records.
        Time.Advance(TimeSpan.FromDays(8));
        var again = records.Where((_, i) => i % 10 == 0).Select(record => record with { RecordedAt = record.RecordedAt.AddMilliseconds(random.Next(-20_000, 20_000)), TimeToLive = null }).ToList();
        await Store.CreateAsync(again, Cancellation);
        records = [.. records.Where((_, i) => i % 5 != 0), .. again];
        await ListsAreCompleteAsync();

        async Task ListsAreCompleteAsync()
        {
            for (var i = 0; i < 40; i++)
            {
                var (entity, from) = (records[random.Next(records.Count)].Entity, records[random.Next(records.Count)].RecordedAt);
                var query = new EventQuery { Entity = entity, From = i == 0 ? null : from, To = i < 20 ? null : from.AddMilliseconds(random.Next(40_000)), Limit = 300 };
                List<EventRecord> listed = [];
                do
                {
                    var page = await Store.ListAsync(query, Cancellation);
                    listed.AddRange(page.Items);
                    query = query with { Continuation = page.Continuation };
                }
                while (query.Continuation is not null);

                var expected = records.Where(record => record.Entity == entity && !(record.RecordedAt < query.From) && !(record.RecordedAt >= query.To)).ToList();
                Assert.Equal(expected.Select(record => record.RecordedAt).OrderDescending(), listed.Select(record => record.RecordedAt));
                Assert.Equal(expected.Select(record => record.Key.Id).Order(), listed.Select(record => record.Key.Id).Order());
            }
        }
    }

    [Fact]
    public void Lists_follow_an_index_whatever_the_filters_and_never_sort()
    {
        using var connection = Database.OpenReader();
        var queries =
            from status in new EventStatus?[] { null, EventStatus.Recorded, EventStatus.Open, EventStatus.Final, EventStatus.Completed }
            from source in new[] { null, "/a" }
            from type in new[] { null, "x" }
            from subject in new[] { null, "s" }
            from continuation in new[] { null, "before.2" }
            from entity in new EntityKey?[] { null, new("/a", "s") }
            select new EventQuery { Status = status, Source = source, Type = type, Subject = subject, Entity = entity, Continuation = continuation, To = StoreSamples.Start };

        foreach (var query in queries)
        {
            using var statement = new SqliteListQuery(query, 0, 10).Prepare(connection, "EXPLAIN QUERY PLAN ");
            var plan = string.Join('\n', statement.Select(row => row.Text(3)));
            Assert.Matches("USING (INTEGER PRIMARY KEY|(COVERING )?INDEX records_(by|of)_)", plan);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
        }
    }

    private async Task ReopenWithAsync(string pragma)
    {
        Database.WriterOpened = connection => SqliteDatabase.Execute(connection, pragma);
        await ReopenAsync();
    }

    private long Count(string table)
    {
        using var connection = Database.OpenReader();
        using var statement = new SqliteStatement(connection, $"SELECT count(*) FROM {table}");
        return statement.Single(row => row.Int64(0));
    }
}
