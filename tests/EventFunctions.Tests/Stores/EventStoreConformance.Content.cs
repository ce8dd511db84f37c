using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>Payloads and full data, exactly as they came; and what expires.</content>
public abstract partial class EventStoreConformance
{
    /// <summary>Payloads that a store is tempted to change.</summary>
    public enum Payload
    {
        ThirtyDigits,
        WhiteSpace,
        JsonNull,
        EmptyText,
        EmptyBinary,
        Quotes,
        Chinese,
        Emoji,
        ControlCharacters,
        RandomBytes,
        ManyNumbers,
    }

    internal static EventContent ContentOf(Payload payload, int bytes) => payload switch
    {
        Payload.ThirtyDigits => EventContent.FromJson("""{"n":123456789012345678901234567890,"e":1.000e+400,"z":-0.0}"""),
        Payload.WhiteSpace => EventContent.FromJson(" {\n\t\"b\" : 1 ,\r\n \"a\" : [ ] } "),
        Payload.JsonNull => EventContent.FromJson("null"),
        Payload.EmptyText => new EventContent(ContentKind.Text, default),
        Payload.EmptyBinary => new EventContent(ContentKind.Binary, default),
        Payload.Quotes => EventContent.FromJson($"\"{string.Concat(Enumerable.Repeat("\\\"", bytes / 2 - 1))}\""),
        Payload.Chinese => EventContent.FromJson($"\"{RandomChinese(bytes / 3 - 1)}\""),
        Payload.Emoji => EventContent.FromJson($"\"{string.Concat(Enumerable.Repeat("😀", bytes / 4 - 1))}\""),
        Payload.ControlCharacters => new EventContent(ContentKind.Text, Enumerable.Repeat((byte)1, bytes).ToArray()),
        Payload.RandomBytes => StoreSamples.Random(bytes),
        _ => EventContent.FromJson($"[{string.Join(',', Enumerable.Range(0, bytes / 8).Select(i => 1_000_000 + i))}]"),
    };

    private static string RandomChinese(int characters)
    {
        var random = new Random(1);
        return string.Create(characters, random, (span, source) =>
        {
            foreach (ref var c in span)
            {
                c = (char)source.Next(0x4e00, 0x9fa5);
            }
        });
    }

    public static MatrixTheoryData<Payload, int> PayloadsAndSizes => new(Enum.GetValues<Payload>(), [1_000, 250_000, 1_000_000]);

    [Theory]
    [MemberData(nameof(PayloadsAndSizes))]
    public async Task A_payload_comes_back_byte_for_byte(Payload payload, int bytes)
    {
        var record = await CreateAsync(StoreSamples.Record(data: ContentOf(payload, bytes)));
        var data = StoreSamples.FullData(record.Key, ContentOf(payload, bytes));
        Assert.True(await Store.CreateDataAsync(data, Cancellation));
        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, Patch(Change.AttemptNoted), Cancellation));

        Assert.Equal(record.Event.Data, (await Store.ReadAsync(record.Key, Cancellation))?.Event.Data);
        Assert.Equal(data, await Store.ReadDataAsync(record.Key, 0, Cancellation));
    }

    [Fact]
    public async Task The_largest_full_data_fits()
    {
        var data = StoreSamples.FullData(new EventKey("/s", "1"), StoreSamples.Random(1_400_000));

        Assert.True(await Store.CreateDataAsync(data, Cancellation));
        Assert.Equal(data, await Store.ReadDataAsync(data.Key, 0, Cancellation));
    }

    [Fact]
    public async Task A_run_has_one_full_data_and_the_first_stays()
    {
        var key = new EventKey("/s", "1");
        var first = StoreSamples.FullData(key, EventContent.FromJson("1"));

        Assert.True(await Store.CreateDataAsync(first, Cancellation));
        Assert.False(await Store.CreateDataAsync(StoreSamples.FullData(key, EventContent.FromJson("2")), Cancellation));
        Assert.Equal(first, await Store.ReadDataAsync(key, 0, Cancellation));
    }

    [Fact]
    public async Task Full_data_that_is_old_makes_room_once_and_newer_data_stays()
    {
        var key = new EventKey("/s", "1");
        var old = StoreSamples.FullData(key, EventContent.FromJson("1"));
        var fresh = StoreSamples.FullData(key, EventContent.FromJson("2")) with { FetchedAt = old.FetchedAt.AddDays(30) };
        var since = fresh.FetchedAt.AddHours(-1);
        Assert.False(await Store.ReplaceOldDataAsync(fresh, since, Cancellation));
        Assert.Null(await Store.ReadDataAsync(key, 0, Cancellation));
        await Store.CreateDataAsync(old, Cancellation);

        var replaced = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => Store.ReplaceOldDataAsync(fresh with { Content = EventContent.FromJson($"{i}") }, since, Cancellation))));

        var winner = fresh with { Content = EventContent.FromJson($"{Array.IndexOf(replaced, true)}") };
        Assert.Single(replaced, true);
        Assert.Equal(winner, await Store.ReadDataAsync(key, 0, Cancellation));
        Assert.False(await Store.ReplaceOldDataAsync(old, old.FetchedAt, Cancellation));
        Assert.Equal(winner, await Store.ReadDataAsync(key, 0, Cancellation));
    }

    [Fact]
    public async Task Every_run_has_full_data_of_its_own()
    {
        var key = new EventKey("/s", "1");
        var first = StoreSamples.FullData(key, EventContent.FromJson("1"));
        var second = StoreSamples.FullData(key, EventContent.FromJson("2"), run: 1);

        Assert.True(await Store.CreateDataAsync(first, Cancellation));
        Assert.True(await Store.CreateDataAsync(second, Cancellation));
        Assert.Equal(first, await Store.ReadDataAsync(key, 0, Cancellation));
        Assert.Equal(second, await Store.ReadDataAsync(key, 1, Cancellation));
        Assert.Null(await Store.ReadDataAsync(key, 2, Cancellation));
    }

    [Fact]
    public async Task Of_concurrent_creates_of_full_data_exactly_one_wins()
    {
        var key = new EventKey("/s", "1");
        var attempts = Enumerable.Range(0, 30).Select(i => StoreSamples.FullData(key, EventContent.FromJson($"{i}"))).ToList();

        var created = await Task.WhenAll(attempts.Select(data => Task.Run(() => Store.CreateDataAsync(data, Cancellation))));

        var winner = Assert.Single(attempts.Where((_, i) => created[i]));
        Assert.Equal(winner, await Store.ReadDataAsync(key, 0, Cancellation));
    }

    [Fact]
    public async Task A_record_that_has_outlived_its_time_is_gone_and_its_key_is_free()
    {
        var record = await CreateAsync(StoreSamples.Record());
        await Store.PatchAsync(record.Key, RecordPatch.Completed(0, [], TimeSpan.FromSeconds(2)), Cancellation);
        Assert.NotNull(await Store.ReadAsync(record.Key, Cancellation));

        await PassAsync(TimeSpan.FromSeconds(3));

        Assert.Null(await Store.ReadAsync(record.Key, Cancellation));
        Assert.Empty((await Store.ListAsync(new EventQuery(), Cancellation)).Items);
        Assert.Empty((await Store.ReadChangesAsync(null, 10, Cancellation)).Items);
        Assert.Equal(PatchOutcome.NotFound, await Store.PatchAsync(record.Key, Patch(Change.Replayed), Cancellation));
        var again = await CreateAsync(record with { Fingerprint = new string('c', 64) });
        StoreSamples.AssertSame(again, await Store.ReadAsync(record.Key, Cancellation));
        Assert.Single((await Store.ListAsync(new EventQuery(), Cancellation)).Items);
    }

    [Fact]
    public async Task Time_to_live_counts_from_the_last_write_and_a_replay_ends_it()
    {
        var record = await CreateAsync(StoreSamples.Record(status: EventStatus.Filtered) with { TimeToLive = TimeSpan.FromSeconds(2) });
        await Store.PatchAsync(record.Key, Patch(Change.Replayed), Cancellation);

        await PassAsync(TimeSpan.FromSeconds(3));

        Assert.NotNull(await Store.ReadAsync(record.Key, Cancellation));
        await Store.PatchAsync(record.Key, RecordPatch.Completed(1, [], TimeSpan.FromSeconds(2)), Cancellation);
        Assert.NotNull(await Store.ReadAsync(record.Key, Cancellation));
    }

    [Fact]
    public async Task Full_data_has_a_time_to_live_of_its_own()
    {
        var record = await CreateAsync(StoreSamples.Record());
        var brief = StoreSamples.FullData(record.Key) with { TimeToLive = TimeSpan.FromSeconds(2) };
        await Store.CreateDataAsync(brief, Cancellation);
        await Store.CreateDataAsync(StoreSamples.FullData(record.Key, run: 1), Cancellation);

        await PassAsync(TimeSpan.FromSeconds(3));

        Assert.Null(await Store.ReadDataAsync(record.Key, 0, Cancellation));
        Assert.NotNull(await Store.ReadDataAsync(record.Key, 1, Cancellation));
        Assert.NotNull(await Store.ReadAsync(record.Key, Cancellation));
        Assert.True(await Store.CreateDataAsync(brief, Cancellation));
    }
}
