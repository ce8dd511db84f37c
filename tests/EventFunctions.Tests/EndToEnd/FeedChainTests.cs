using System.Net;
using System.Text.Json;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;
using EventFunctions.Tests.Intake;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.EndToEnd;

public sealed class FeedChainTests
{
    private const string Batch = "application/cloudevents-batch+json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_service_pulls_the_events_of_another_and_enriches_them_from_there()
    {
        await using var first = await Service.StartAsync();
        foreach (var id in (string[])["a", "b", "c"])
        {
            (await first.PostAsync(Service.Event(id, """{"small":1}"""))).Dispose();
            await first.ReachesAsync(id, "completed");
        }

        await using var second = await Service.StartAsync(settings:
        [
            ("Producers:stub:Data:BaseUrl", new Uri(first.Host.Address, "api/").AbsoluteUri),
            ("Producers:stub:feed:url", "feed?events=thin&source=" + Uri.EscapeDataString(Service.Source)),
            ("Producers:stub:feed:schedule", "* * * * * *"),
        ]);
        await Poll.UntilAsync(async () => (await second.ListAsync()).Count == 3, () => "not pulled");
        (await first.PostAsync(Service.Event("d"))).Dispose();
        await Poll.UntilAsync(async () => (await second.ListAsync()).Count == 4, () => "not pulled");

        foreach (var id in (string[])["a", "b", "c", "d"])
        {
            var record = await second.ReachesAsync(id, "completed");
            Assert.Equal("feed", record.GetProperty("timeline")[0].GetProperty("detail").GetString());
            Assert.Equal(StubProducer.DataOf(id), await second.GetAsync(id, "/data"));
        }

        Assert.Equal("""{"items":[]}""", await second.Client.GetStringAsync("/api/refusals?producer=stub", Cancellation));
    }

    [Fact]
    public async Task The_client_of_feeds_reads_every_enriched_event_page_by_page_and_waits_for_the_next()
    {
        await using var service = await Service.StartAsync(settings: [("Stream:PageSize", "5")]);
        var ids = Enumerable.Range(0, 12).Select(i => $"event-{i}").ToList();
        foreach (var id in ids)
        {
            (await service.PostAsync(Service.Event(id))).Dispose();
        }

        (await service.PostAsync(Service.Event(StubProducer.Gone + "1"))).Dispose();
        await service.ReachesAsync(StubProducer.Gone + "1", "failed");
        foreach (var id in ids)
        {
            await service.ReachesAsync(id, "completed");
        }

        var client = service.Host.Services.GetRequiredService<IFeedClient>();
        var feed = new Uri(service.Host.Address, "api/feed");
        var producer = new Producer { Name = "p", Source = Service.Source, Data = new ProducerData { BaseUrl = new Uri(service.Host.Address, "api/"), Timeout = TimeSpan.FromSeconds(60) } };
        List<string> seen = [];
        string? last = null;
        while (await ReadAsync(null) is { Count: > 0 } page)
        {
            Assert.InRange(page.Count, 1, 5);
            seen.AddRange(page);
        }

        Assert.Equal(ids.Select(id => id + ":enriched").Order(), seen.Distinct().Order());

        var waiting = ReadAsync(TimeSpan.FromSeconds(30));
        (await service.PostAsync(Service.Event("late"))).Dispose();
        Assert.Equal(["late:enriched"], await waiting);
        Assert.Empty(await ReadAsync(TimeSpan.FromMilliseconds(300)));

        async Task<List<string>> ReadAsync(TimeSpan? wait)
        {
            var answer = await client.ReadAsync(producer, new Uri(FeedUrl.Of(feed, last, wait)), null, 1_000_000, Cancellation);
            last = answer.LastEventId;
            Assert.Equal(Batch, answer.ContentType);
            Assert.All(
                JsonElement.Parse(answer.Body!.Value.Span).EnumerateArray(),
                one => Assert.Equal("thing.changed.enriched", one.GetProperty("type").GetString()));
            return FeedPage.Read(answer, new ProducerFeed { Url = new Uri("https://feed.example.com/"), Schedule = "" }).Items.Select(item => item.Id!).ToList();
        }
    }

    [Fact]
    public async Task What_no_feed_understands_is_refused_with_its_name()
    {
        await using var service = await Service.StartAsync();

        using var wrong = await service.Client.GetAsync("/api/feed?lastEventId=a:enriched&timeout=30001&events=all&status=completed", Cancellation);
        using var right = await service.Client.GetAsync("/api/feed", Cancellation);

        (await Answer.ReadAsync(wrong, Cancellation)).AssertProblem(HttpStatusCode.BadRequest, "status", "lastEventId", "timeout", "events");
        Assert.Equal("[]", await right.Content.ReadAsStringAsync(Cancellation));
        Assert.Single(right.Headers.GetValues("Last-Event-ID"));
    }
}
