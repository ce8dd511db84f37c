using System.Globalization;
using EventFunctions.Entities;
using EventFunctions.Preparation;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using NSubstitute;

namespace EventFunctions.Tests.Preparation.Entities;

public sealed class EntityRebuildTests : IAsyncDisposable
{
    private static readonly List<EntityKey> Entities = [.. Enumerable.Range(0, 7).Select(i => new EntityKey("/s", $"{i}"))];

    private readonly EntityScenario _scenario = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static EventRecord Event(int number) => EntityScenario.Record($"{number}", $"{number % 7}", $"type{number % 3}", number % 50);

    private async Task ComeAsync(IEnumerable<int> numbers)
    {
        var records = numbers.Select(Event).ToList();
        await _scenario.Events.CreateAsync(records, Cancellation);
        await _scenario.TakeAsync(records);
    }

    private async Task<EntityGenerations> StateAsync() => (await _scenario.Generations.ReadAsync(Cancellation)).State;

    private async Task FinishAsync()
    {
        for (var i = 0; i < 20 && (await StateAsync()).Rebuild is not null; i++)
        {
            await _scenario.Rebuild.ContinueAsync(Cancellation);
            _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null((await StateAsync()).Rebuild);
    }

    [Fact]
    public async Task A_rebuild_makes_the_same_documents_again_and_removes_the_old_ones()
    {
        await ComeAsync(Enumerable.Range(0, 60));
        var before = await _scenario.DumpAsync(1, Entities);
        Assert.Equal(67, before.Count);

        var (begun, isNew) = await _scenario.Rebuild.BeginAsync(Cancellation);
        Assert.True(isNew);
        Assert.Equal([1, 2], begun.Written);
        await FinishAsync();

        Assert.Equal(2, (await StateAsync()).Current);
        Assert.Equal(before, await _scenario.DumpAsync(2, Entities));
        Assert.Empty(await _scenario.DumpAsync(1, Entities));
    }

    [Fact]
    public async Task Whoever_asks_while_a_rebuild_goes_on_is_told_of_that_one()
    {
        var first = await _scenario.Rebuild.BeginAsync(Cancellation);
        var second = await _scenario.Rebuild.BeginAsync(Cancellation);

        Assert.False(second.Began);
        Assert.Equal(first.State, second.State);
    }

    [Fact]
    public async Task Damage_in_the_documents_is_gone_after_a_rebuild()
    {
        await ComeAsync(Enumerable.Range(0, 20));
        var before = await _scenario.DumpAsync(1, Entities);
        await _scenario.Documents.DeleteAsync(DocumentContainer.Entities, Entities[0].Id, "entity-1", null, Cancellation);

        await _scenario.Rebuild.BeginAsync(Cancellation);
        await FinishAsync();

        Assert.Equal(before, await _scenario.DumpAsync(2, Entities));
    }

    [Fact]
    public async Task Events_that_come_during_a_rebuild_are_counted_once_and_readers_see_a_whole_generation_all_the_time()
    {
        await ComeAsync(Enumerable.Range(0, 30));
        await _scenario.Rebuild.BeginAsync(Cancellation);
        await ComeAsync(Enumerable.Range(30, 10));
        Assert.Equal(6, (await _scenario.ReadAsync("0")).Counts.Values.Sum());

        await _scenario.Rebuild.ContinueAsync(Cancellation);
        Assert.Equal(EntityRebuildPhase.Settling, (await StateAsync()).Rebuild!.Phase);
        await ComeAsync(Enumerable.Range(40, 10));
        Assert.Equal(8, (await _scenario.ReadAsync("0")).Counts.Values.Sum());
        await FinishAsync();

        await using var orderly = new EntityScenario();
        await orderly.TakeAsync(Enumerable.Range(0, 50).Select(Event));
        Assert.Equal(await orderly.DumpAsync(1, Entities), await _scenario.DumpAsync(2, Entities));
    }

    [Fact]
    public async Task What_an_instance_counted_that_had_not_heard_of_the_rebuild_is_counted_too()
    {
        await ComeAsync(Enumerable.Range(0, 10));
        await _scenario.Rebuild.BeginAsync(Cancellation);
        await _scenario.Rebuild.ContinueAsync(Cancellation);

        // Recorded, but taken into the old generation only.
        await _scenario.Events.CreateAsync([Event(10)], Cancellation);
        await FinishAsync();

        Assert.Equal(1, (await _scenario.ReadAsync("3")).Counts["type1"]);
    }

    [Fact]
    public async Task Where_events_never_cease_to_come_a_rebuild_ends_all_the_same()
    {
        await ComeAsync(Enumerable.Range(0, 10));
        await _scenario.Rebuild.BeginAsync(Cancellation);
        _scenario.Time.Advance(TimeSpan.FromMinutes(5));
        var number = 10;
        for (var i = 0; i < 20 && (await StateAsync()).Rebuild is not null; i++)
        {
            var record = Event(number++);
            await _scenario.Events.CreateAsync(
                [record with { Timeline = [new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Recorded)] }], Cancellation);
            await _scenario.Rebuild.ContinueAsync(Cancellation);
            _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null((await StateAsync()).Rebuild);
        Assert.Equal(2, (await StateAsync()).Current);
    }

    [Fact]
    public async Task Of_a_store_that_reads_ranges_in_turn_a_short_page_of_one_is_not_the_end()
    {
        await _scenario.Rebuild.BeginAsync(Cancellation);
        _scenario.Time.Advance(TimeSpan.FromMinutes(5));
        var now = _scenario.Time.GetUtcNow();
        var changed = Event(7_000) with { Timeline = [new TimelineEntry(now, TimelineStep.Recorded)] };

        // One range changes all the time, so that there never is an end; another has pages of what is old.
        const int old = 10;
        var events = Substitute.For<IEventStore>();
        events.ReadChangesAsync(null, 0, Cancellation).ReturnsForAnyArgs(call =>
        {
            var read = int.Parse(call.ArgAt<string?>(0) ?? "0", CultureInfo.InvariantCulture);
            return read >= 2 * old ? Page(read, changed, ("busy", now), ("slow", now))
                : read % 2 == 0 ? Page(read + 1, changed, ("busy", now), ("slow", null))
                : Page(read + 1, Event(7 * (read / 2)), ("busy", null), ("slow", StoreSamples.Start));
        });
        var rebuild = _scenario.RebuildOver(events);
        for (var i = 0; i < 20 && (await StateAsync()).Rebuild is not null; i++)
        {
            await rebuild.ContinueAsync(Cancellation);
            _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null((await StateAsync()).Rebuild);
        Assert.Equal(old + 1, (await _scenario.ReadAsync("0")).Counts.Values.Sum());

        static ChangePage Page(int cursor, EventRecord record, params (string Name, DateTimeOffset? Until)[] ranges) =>
            new([record], cursor.ToString(CultureInfo.InvariantCulture)) { Ranges = [.. ranges.Select(range => new ChangeRange(range.Name, range.Until))] };
    }

    [Fact]
    public async Task A_rebuild_that_is_broken_off_anywhere_goes_on_and_ends_the_same()
    {
        await ComeAsync(Enumerable.Range(0, 15));
        var before = await _scenario.DumpAsync(1, Entities);
        await _scenario.Rebuild.BeginAsync(Cancellation);
        for (var i = 0; i < 200 && (await StateAsync()).Rebuild is not null; i++)
        {
            _scenario.Documents.FailOnce(i % 23, takesEffect: i % 2 == 0);
            try
            {
                await _scenario.Rebuild.ContinueAsync(Cancellation);
            }
            catch (StoreUnavailableException)
            {
            }

            _scenario.Documents.FailsAfter = null;
            _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Null((await StateAsync()).Rebuild);
        Assert.Equal(before, await _scenario.DumpAsync(2, Entities));
        Assert.Empty(await _scenario.DumpAsync(1, Entities));
    }

    [Fact]
    public async Task Two_instances_at_one_rebuild_do_no_harm()
    {
        await ComeAsync(Enumerable.Range(0, 40));
        var before = await _scenario.DumpAsync(1, Entities);
        await _scenario.Rebuild.BeginAsync(Cancellation);
        for (var i = 0; i < 20 && (await StateAsync()).Rebuild is not null; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => _scenario.Rebuild.ContinueAsync(Cancellation))));
            _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(before, await _scenario.DumpAsync(2, Entities));
        Assert.Empty(await _scenario.DumpAsync(1, Entities));
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_or_taken_is_passed_over()
    {
        await ComeAsync(Enumerable.Range(0, 3));
        var odd = Event(7) with { Event = Event(7).Event with { Time = "no time" } };
        await _scenario.Events.CreateAsync([odd, Event(14)], Cancellation);
        await UnreadableRecord.MakeAsync(_scenario.Events.Database, Event(1).Key);

        await _scenario.Rebuild.BeginAsync(Cancellation);
        await FinishAsync();

        Assert.Equal(2, (await _scenario.ReadAsync("0")).Counts.Values.Sum());
        Assert.Null(await _scenario.Lookup.ReadAsync(Entities[1], Cancellation));
        var notes = await _scenario.Documents.QueryAsync(new DocumentQuery(DocumentContainer.State) { Partition = UnprocessableEvents.Partition }, Cancellation);
        Assert.Contains("\"eventId\":\"7\"", System.Text.Encoding.UTF8.GetString(Assert.Single(notes.Items).Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebuild_counts_what_has_not_expired_and_says_since_when_that_is_all()
    {
        var (brief, lasting) = (Event(0) with { Status = EventStatus.Completed, TimeToLive = TimeSpan.FromDays(7) }, Event(7));
        await _scenario.Events.CreateAsync([brief, lasting], Cancellation);
        await _scenario.TakeAsync(brief, lasting);
        Assert.Equal(2, (await _scenario.ReadAsync("0")).Counts.Values.Sum());

        _scenario.Time.Advance(TimeSpan.FromDays(8));
        Assert.Equal(2, (await _scenario.ReadAsync("0")).Counts.Values.Sum());
        await _scenario.Rebuild.BeginAsync(Cancellation);
        var since = UtcMilliseconds.Text(_scenario.Time.GetUtcNow().AddDays(-7));
        await FinishAsync();

        Assert.Equal(1, (await _scenario.ReadAsync("0")).Counts.Values.Sum());
        Assert.Equal(since, (await StateAsync()).Since);
    }

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
