using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Preparation.Entities;

public sealed class EntityLookupTests : IAsyncDisposable
{
    private readonly EntityScenario _scenario = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_summary_counts_by_type_and_knows_the_latest_by_the_events_own_time()
    {
        await _scenario.WriteAsync(EntityScenario.Record("opened", type: "opened", minute: 1, time: "2026-03-01T08:00:00Z"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("new", minute: 2, time: "2026-03-01T10:00:00Z"), 3);
        await _scenario.WriteAsync(EntityScenario.Record("late", minute: 3, time: "2026-03-01T09:00:00Z"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("failed", minute: 4, time: "2026-03-01T11:00:00Z"));

        var entity = await _scenario.ReadAsync();

        Assert.NotNull(entity);
        Assert.Equal(new EntityKey("/s", "42"), entity.Entity);
        Assert.Equal(["opened 1 opened", "x 3 failed"], entity.Types.Select(type => $"{type.Key} {type.Value.Count} {type.Value.Latest.EventId}"));
        Assert.Equal(("new", 3), (entity.Data?.EventId, entity.Data?.Run));
        Assert.Equal(("2026-03-01T12:01:00.000Z", "2026-03-01T12:04:00.000Z", null), (entity.FirstSeen, entity.LastSeen, entity.CountedSince));
        Assert.Null(await _scenario.ReadAsync("43"));
    }

    [Fact]
    public async Task An_erased_event_counts_but_is_no_longer_referred_to_as_data()
    {
        await _scenario.WriteAsync(EntityScenario.Record("1", minute: 1), 0);
        await _scenario.WriteAsync(EntityScenario.Record("2", minute: 2), 0);
        await _scenario.Links.EraseAsync(EntityScenario.Record("2", minute: 2), null, Cancellation);

        var entity = await _scenario.ReadAsync();

        Assert.Equal((2, "1"), (entity!.Types["x"].Count, entity.Data?.EventId));
    }

    [Fact]
    public async Task Of_a_very_large_entity_the_newest_events_are_counted_and_the_summary_says_since_when()
    {
        var count = EntityLookup.MaxCounted + 5;
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => _scenario.WriteAsync(EntityScenario.Record($"{i}", minute: i, time: "2020-01-01T00:00:00Z"))));

        var entity = await _scenario.ReadAsync();

        Assert.Equal(EntityLookup.MaxCounted, entity!.Types["x"].Count);
        Assert.Equal("2026-03-01T12:05:00.000Z", entity.CountedSince);
        Assert.Equal(entity.CountedSince, entity.FirstSeen);
    }

    [Theory]
    [InlineData(1, "e", "d", "c", "b", "a")]
    [InlineData(2, "e d", "c b", "a")]
    [InlineData(5, "e d c b a")]
    [InlineData(100, "e d c b a")]
    public async Task Entities_are_listed_once_those_with_the_newest_events_first(int limit, params string[] pages)
    {
        // Each has events between those of the others.
        foreach (var (subject, at) in "abcde".Index())
        {
            await _scenario.WriteAsync(EntityScenario.Record($"early {at}", at.ToString(), minute: 10 - subject));
            await _scenario.WriteAsync(EntityScenario.Record($"late {at}", at.ToString(), minute: 20 + subject));
        }

        Assert.Equal(pages, (await _scenario.PagesAsync(limit)).Where(page => page.Length > 0));
    }

    [Fact]
    public async Task An_entity_with_many_new_events_hides_no_other()
    {
        await _scenario.WriteAsync(EntityScenario.Record("quiet", "quiet"));
        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => _scenario.WriteAsync(EntityScenario.Record($"{i}", "busy", minute: i))));

        Assert.Equal("busy quiet", string.Join(' ', (await _scenario.PagesAsync(2)).Where(page => page.Length > 0)));
    }

    [Fact]
    public async Task Entities_recorded_in_the_same_millisecond_are_all_listed()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => _scenario.WriteAsync(EntityScenario.Record($"{i}", $"{i}"))));

        Assert.Equal(60, (await _scenario.PagesAsync(7)).SelectMany(page => page.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct().Count());
    }

    [Fact]
    public async Task A_producer_sees_nothing_of_a_former_owner_of_its_source()
    {
        await _scenario.WriteAsync(EntityScenario.Record("old", minute: 1, producer: "former"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("older", "only theirs", producer: "former"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("new", minute: 2), null);
        await _scenario.WriteAsync(EntityScenario.Record("theirs again", minute: 3, producer: "former"), 0);

        var entity = await _scenario.ReadAsync(reader: "policies");
        var (events, _) = await _scenario.Lookup.ListEventsAsync(new EntityKey("/s", "42"), "policies", 10, null, Cancellation);

        Assert.Equal((1, "new", null), (entity!.Types["x"].Count, entity.Types["x"].Latest.EventId, entity.Data));
        Assert.Equal(("2026-03-01T12:02:00.000Z", "2026-03-01T12:02:00.000Z"), (entity.FirstSeen, entity.LastSeen));
        Assert.Equal("new", Assert.Single(events).EventId);
        Assert.Null(await _scenario.ReadAsync("only theirs", "policies"));
        Assert.Equal(["42"], await _scenario.PagesAsync(10, "/s", "policies"));
        Assert.Equal(["42 only theirs"], await _scenario.PagesAsync(10, "/s"));
        Assert.Equal(3, (await _scenario.ReadAsync())!.Types["x"].Count);
    }

    [Fact]
    public async Task Lists_are_of_one_source_and_refuse_continuations_of_others()
    {
        await _scenario.WriteAsync(EntityScenario.Record("1", source: "/other"));
        await _scenario.WriteAsync(EntityScenario.Record("2"));

        Assert.Equal("/other", Assert.Single((await _scenario.Lookup.ListAsync("/other", null, 10, null, Cancellation)).Items).Entity.Source);
        await Assert.ThrowsAsync<InvalidContinuationException>(() => _scenario.Lookup.ListAsync(null, null, 10, "none", Cancellation));
    }

    [Fact]
    public async Task An_entitys_events_are_listed_by_their_own_time()
    {
        await _scenario.WriteAsync(EntityScenario.Record("late", minute: 2, time: "2026-03-01T09:00:00Z"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("new", minute: 1, time: "2026-03-01T10:00:00Z"), 0);
        await _scenario.WriteAsync(EntityScenario.Record("none", minute: 3));

        var (first, continuation) = await _scenario.Lookup.ListEventsAsync(new EntityKey("/s", "42"), null, 2, null, Cancellation);
        var (rest, end) = await _scenario.Lookup.ListEventsAsync(new EntityKey("/s", "42"), null, 2, continuation, Cancellation);

        Assert.Equal(["none", "new", "late"], first.Concat(rest).Select(link => link.EventId));
        Assert.Null(end);
    }

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
