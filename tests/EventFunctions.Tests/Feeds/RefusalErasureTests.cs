using System.Collections.Immutable;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Tests.Feeds;

public sealed class RefusalErasureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_refused_of_an_erased_entity_goes_and_what_is_about_others_stays()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Producer = feed.Producer with
        {
            Types = ImmutableSortedDictionary<string, ProducerType>.Empty.Add("policy.renewed", new ProducerType { Entity = ["/policy"] }),
        };
        feed.Events.AddRange(
        [
            ("1", """{"specversion":"1.0","id":"1","subject":"42","secret":"A"}"""),
            ("2", """{"specversion":"1.0","id":"2","type":"other","data":{"policy":42,"name":"B"}}"""),
            ("3", """{"specversion":"1.0","id":"3","subject":"43"}"""),
            ("4", """{"specversion":"1.0","id":"4","subject":"\ud800"}"""),
            ("5", """{"specversion":"1.0","id":"5","source":"/feeds/policies","type":"policy.renewed","subject":"x","data":{"policy":"5"}}"""),
        ]);
        await feed.TickAsync();
        Assert.Equal(4, (await feed.RefusedAsync()).Count);

        await feed.Refusals.EraseAsync(feed.Producer, new EntityKey(feed.Producer.Source, "42"), Stop);
        await feed.Refusals.EraseAsync(feed.Producer, new EntityKey(feed.Producer.Source, "42"), Stop);

        var refused = (await feed.RefusedAsync()).ToDictionary(refusal => refusal.GetProperty("eventId").GetString()!);
        Assert.Equal(["1", "2", "3", "4"], refused.Keys.Order(StringComparer.Ordinal));
        foreach (var id in new[] { "1", "2" })
        {
            Assert.False(refused[id].TryGetProperty("event", out _));
            Assert.True(refused[id].GetProperty("erased").GetBoolean());
            Assert.Empty(refused[id].GetProperty("errors").EnumerateArray());
        }

        Assert.True(refused["3"].TryGetProperty("event", out _));
        Assert.True(refused["4"].TryGetProperty("event", out _));
    }

    [Fact]
    public async Task The_same_subject_at_another_source_of_a_pattern_is_another_entity()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Producer = feed.Producer with { Source = "/hubs/*" };
        feed.Events.AddRange(
        [
            ("1", """{"specversion":"1.0","id":"1","source":"/hubs/a","type":"t","subject":"42"}"""),
            ("2", """{"specversion":"1.0","id":"2","source":"/hubs/b","type":"t","subject":"42"}"""),
            ("3", """{"specversion":"1.0","id":"3","source":"/elsewhere","type":"t","subject":"42"}"""),
        ]);
        await feed.TickAsync();

        await feed.Refusals.EraseAsync(feed.Producer, new EntityKey("/hubs/a", "42"), Stop);

        var refused = await feed.RefusedAsync();
        Assert.Equal(["2"], refused.Where(one => one.TryGetProperty("event", out _)).Select(one => one.GetProperty("eventId").GetString()));
        Assert.Equal(3, refused.Count);
    }
}
