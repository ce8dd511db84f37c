using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Records;

namespace EventFunctions.Tests.Preparation.Entities;

public sealed class EntityLinksTests : IAsyncDisposable
{
    private readonly EntityScenario _scenario = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static EventRecord Record(string id = "1", int minute = 0, string? time = null, string producer = "policies") =>
        EntityScenario.Record(id, minute: minute, time: time, producer: producer);

    private EntityLinks Links => _scenario.Links;

    private Task WriteAsync(EventRecord record, int? run) => _scenario.WriteAsync(record, run);

    private Task<List<EntityLink>> LinksAsync() => _scenario.LinksAsync();

    [Fact]
    public async Task An_event_has_one_link_however_often_it_is_written_and_only_a_later_run_with_data_changes_it()
    {
        await WriteAsync(Record(), null);
        await WriteAsync(Record(), 1);
        await WriteAsync(Record(), 0);
        await WriteAsync(Record(), null);

        var link = Assert.Single(await LinksAsync());
        Assert.Equal((new EventKey("/s", "1"), new EntityKey("/s", "42"), 1, "x", "policies", false), (link.Key, link.Entity, link.Run, link.Type, link.Producer, link.Erased));
    }

    [Fact]
    public async Task A_run_that_fails_leaves_the_link_with_the_data_of_the_run_before()
    {
        var record = Record();
        await WriteAsync(record with { Run = 1, Timeline = [.. record.Timeline, new(record.RecordedAt, TimelineStep.Fetched, 0), new(record.RecordedAt, TimelineStep.Completed, 0)] }, null);

        Assert.Equal(0, Assert.Single(await LinksAsync()).Run);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_erased_event_keeps_its_mark_although_an_attempt_ends_later(bool isLinked)
    {
        if (isLinked)
        {
            await WriteAsync(Record(), 0);
        }

        await Links.EraseAsync(Record(), null, Cancellation);
        await Links.EraseAsync(Record(), null, Cancellation);
        await WriteAsync(Record(), 1);

        var link = Assert.Single(await LinksAsync());
        Assert.Equal((true, null), (link.Erased, link.Run));
    }

    [Fact]
    public async Task An_event_that_makes_no_entity_is_not_linked()
    {
        await WriteAsync(Record() with { Linked = false }, 0);
        await WriteAsync(Record() with { Entity = null }, 0);
        await Links.EraseAsync(Record() with { Linked = false }, null, Cancellation);

        Assert.Empty(await LinksAsync());
    }

    [Fact]
    public async Task Attempts_at_the_same_time_leave_the_newest_run()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(run => WriteAsync(Record(), run)));

        Assert.Equal(19, Assert.Single(await LinksAsync()).Run);
    }

    [Fact]
    public async Task The_earlier_event_is_the_newest_with_data_of_the_same_producer_by_its_own_time()
    {
        await WriteAsync(Record("late", 3, "2026-03-01T11:00:00Z"), 2);
        await WriteAsync(Record("early", 4, "2026-03-01T10:00:00Z"), 0);
        await WriteAsync(Record("failed", 5, "2026-03-01T11:30:00Z"), null);
        await WriteAsync(Record("former owner's", 6, "2026-03-01T11:40:00Z", producer: "former"), 0);
        await WriteAsync(Record("erased", 7, "2026-03-01T11:50:00Z"), 0);
        await Links.EraseAsync(Record("erased", 7, "2026-03-01T11:50:00Z"), null, Cancellation);
        await WriteAsync(Record("same time", 8, "2026-03-01T12:00:00.0004Z"), 0);
        await WriteAsync(Record("later", 9, "2026-03-01T13:00:00Z"), 0);

        var found = await Links.FindEarlierAsync(Record(time: "2026-03-01T12:00:00.0009Z"), Cancellation);

        Assert.Equal(("late", 2, DateTimeOffset.Parse("2026-03-01T11:00:00Z", CultureInfo.InvariantCulture)), (found?.EventId, found?.Run, found?.HappenedAt));
        Assert.Null(await Links.FindEarlierAsync(Record(time: "2026-03-01T10:00:00Z"), Cancellation));
        Assert.Null(await Links.FindEarlierAsync(Record(time: "2026-03-01T12:00:00Z") with { Linked = false }, Cancellation));
    }

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
