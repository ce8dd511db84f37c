using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Functions;
using EventFunctions.Records;
using EventFunctions.Streams;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Hosting;
using EventFunctions.Tests.Stores;
using NSubstitute;

namespace EventFunctions.Tests.Streams;

public sealed class ReadFeedTests
{
    private readonly ChangeLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_what_is_completed_with_data_that_is_there_is_in_the_feed()
    {
        Add("good", record => record);
        Add("open", record => record with { Status = EventStatus.Recorded });
        Add("not enriched", record => record with { Reason = "enrich[0]" });
        Add("erased", record => record with { Erased = true });
        Add("expired", record => record, hasData: false);
        await using var server = await StreamServer.StartAsync(_log, function: typeof(Feed));

        var (ids, last, _) = await ReadAsync(server, "");

        Assert.Equal(["good:enriched"], ids);
        Assert.Empty((await ReadAsync(server, "?lastEventId=" + last)).Ids);
        Assert.Equal(["good", "expired"], (await ReadAsync(server, "?events=thin")).Ids);
        Assert.Empty((await ReadAsync(server, "?type=other")).Ids);
    }

    [Fact]
    public async Task What_was_completed_stays_in_the_feed_though_a_later_run_fails()
    {
        Add("failed", record => Replayed(record, EventStatus.Failed));
        Add("dead", record => Replayed(record, EventStatus.DeadLettered));
        Add("under way", record => Replayed(record, EventStatus.Enriching));
        Add("never enriched", record => Replayed(record, EventStatus.Failed) with { Timeline = [.. record.Timeline, new(record.RecordedAt, TimelineStep.Completed)] });
        Add("never completed", record => record with { Status = EventStatus.Failed, Run = 1 });
        Add("erased", record => Replayed(record, EventStatus.Failed) with { Erased = true });
        await using var server = await StreamServer.StartAsync(_log, function: typeof(Feed));

        Assert.Equal(["failed:enriched", "dead:enriched"], (await ReadAsync(server, "")).Ids);
        Assert.Equal(["failed", "dead"], (await ReadAsync(server, "?events=thin")).Ids);

        static EventRecord Replayed(EventRecord record, EventStatus status) => record with
        {
            Status = status,
            Reason = "dataNotFound",
            Run = 1,
            Timeline = [.. record.Timeline, new(record.RecordedAt, TimelineStep.Fetched), new(record.RecordedAt, TimelineStep.Completed), new(record.RecordedAt, TimelineStep.Replayed, 1)],
        };
    }

    [Fact]
    public async Task A_page_of_large_events_is_cut_and_misses_none()
    {
        foreach (var i in Enumerable.Range(0, 20))
        {
            Add($"{i}", record => record, length: i == 7 ? 50_000 : 4_000);
        }

        await using var server = await StreamServer.StartAsync(_log, new StreamOptions { FeedPageBytes = 10_000 }, function: typeof(Feed));
        List<string> seen = [];
        var query = "";
        while (await ReadAsync(server, query) is { Ids.Count: > 0 } page)
        {
            Assert.InRange(page.Bytes, 1, page.Ids.Contains("7:enriched") ? 52_000 : 10_100);
            seen.AddRange(page.Ids);
            query = "?lastEventId=" + page.Last;
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}:enriched"), seen);
    }

    [Fact]
    public async Task Whoever_may_not_wait_is_answered_at_once()
    {
        await using var server = await StreamServer.StartAsync(_log, new StreamOptions { MaxOpen = 1 }, function: typeof(Feed));
        using var place = server.Hub().TryOpen();

        Assert.Empty((await ReadAsync(server, "?timeout=30000").WaitAsync(TimeSpan.FromSeconds(20), Cancellation)).Ids);
    }

    [Fact]
    public async Task Whoever_waits_hears_of_what_is_for_it_and_sleeps_through_the_rest()
    {
        await using var server = await StreamServer.StartAsync(_log, function: typeof(Feed));
        var waiting = ReadAsync(server, "?timeout=30000&type=policy.renewed");
        await Poll.UntilAsync(() => server.Hub().Head is not null, () => "does not wait");

        Add("other", record => record with { Event = record.Event with { Type = "other" } });
        Add("mine", record => record);

        Assert.Equal(["mine:enriched"], (await waiting).Ids);
    }

    private void Add(string id, Func<EventRecord, EventRecord> change, int length = 10, bool hasData = true)
    {
        var record = change(StoreSamples.Record(id, status: EventStatus.Completed));
        if (hasData)
        {
            var data = StoreSamples.FullData(record.Key) with { Run = 0, Content = EventContent.FromJson($"\"{new string('x', length)}\"") };
            _log.Store.ReadDataAsync(record.Key, 0, Arg.Any<CancellationToken>()).Returns(data);
        }

        _log.Add(record);
    }

    private static async Task<(List<string> Ids, string Last, int Bytes)> ReadAsync(TestServer server, string query)
    {
        using var response = await server.Client.GetAsync("/api/feed" + query, Cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal("application/cloudevents-batch+json", response.Content.Headers.ContentType?.ToString());
        return ([.. JsonElement.Parse(body).EnumerateArray().Select(one => one.GetProperty("id").GetString()!)], response.Headers.GetValues("Last-Event-ID").Single(), body.Length);
    }
}
