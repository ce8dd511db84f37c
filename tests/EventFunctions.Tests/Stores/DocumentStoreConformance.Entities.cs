using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Tests.Preparation.Entities;

namespace EventFunctions.Tests.Stores;

// What entities ask of a store.
public abstract partial class DocumentStoreConformance
{
    [Fact]
    public async Task Entities_are_read_listed_and_compared_from_the_links_of_their_events()
    {
        var (links, lookup) = (new EntityLinks(Store), new EntityLookup(Store));
        var records = new[]
        {
            EntityScenario.Record("1", "a", minute: 1, time: "2026-03-01T10:00:00Z"), EntityScenario.Record("2", "b", minute: 2),
            EntityScenario.Record("3", "a", minute: 3, time: "2026-03-01T09:00:00Z"), EntityScenario.Record("4", "a", minute: 4, producer: "former"),
        };
        foreach (var record in records)
        {
            await links.WriteAsync(record, null, TimeSpan.FromDays(9), Cancellation);
            await links.WriteAsync(record, 0, TimeSpan.FromDays(9), Cancellation);
        }

        var (first, continuation) = await lookup.ListAsync("/s", "policies", 1, null, Cancellation);
        var (second, _) = await lookup.ListAsync("/s", "policies", 1, continuation, Cancellation);
        var (events, _) = await lookup.ListEventsAsync(new EntityKey("/s", "a"), null, 10, null, Cancellation);
        var entity = await lookup.ReadAsync(new EntityKey("/s", "a"), "policies", Cancellation);
        var earlier = await links.FindEarlierAsync(EntityScenario.Record("5", "a", time: "2026-03-01T09:30:00Z"), Cancellation);

        Assert.Equal(["a", "b"], first.Concat(second).Select(one => one.Entity.Subject));
        Assert.Equal(["4", "1", "3"], events.Select(link => link.EventId));
        Assert.Equal((2, "1", "1"), (entity!.Types["x"].Count, entity.Types["x"].Latest.EventId, entity.Data!.EventId));
        Assert.Equal("3", earlier?.EventId);
    }
}
