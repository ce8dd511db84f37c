using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Feeds;

public sealed class SyndicationTests
{
    [Fact]
    public async Task The_newest_document_is_read_first_then_older_ones_until_entries_are_known()
    {
        await using var feed = await StartAsync();
        var pages = new Dictionary<string, string>
        {
            ["/events"] = Page("<link rel='next' href='events?page=2'/>", ("c", 3)),
            ["/events?page=2"] = Page("<link rel='next' href='events?page=3'/>", ("b", 2)),
            ["/events?page=3"] = Page("", ("a", 1)),
        };
        Serve(feed, pages);

        await feed.TickAsync();
        Assert.Equal([Id("a", 1), Id("b", 2), Id("c", 3)], await feed.RecordedAsync());
        Assert.Equal(["/events", "/events?page=2", "/events?page=3"], Targets(feed));
        Assert.StartsWith("application/atom+xml", feed.Requests.First().Headers["Accept"], StringComparison.Ordinal);

        // A changed entry is a new event; the walk ends at the document that has older entries than those that are known.
        feed.Requests.Clear();
        pages["/events"] = Page("<link rel='next' href='events?page=2'/>", ("d", 4), ("a", 5));
        feed.Time.Advance(TimeSpan.FromMinutes(6));
        await feed.TickAsync();

        Assert.Equal([Id("a", 1), Id("a", 5), Id("b", 2), Id("c", 3), Id("d", 4)], await feed.RecordedAsync());
        Assert.Equal(["/events", "/events?page=2"], Targets(feed));
        Assert.Empty(await feed.RefusedAsync());
    }

    [Fact]
    public async Task A_document_that_did_not_change_is_not_read_again_and_a_change_without_a_new_time_is_refused_once()
    {
        await using var feed = await StartAsync();
        var pages = new Dictionary<string, string> { ["/events"] = Page("", ("a", 1)) };
        Serve(feed, pages);
        await feed.TickAsync();

        feed.Time.Advance(TimeSpan.FromMinutes(6));
        await feed.TickAsync();
        pages["/events"] = pages["/events"].Replace("Title", "Titel", StringComparison.Ordinal);
        feed.Time.Advance(TimeSpan.FromMinutes(6));
        await feed.TickAsync();
        pages["/events"] += " ";
        feed.Time.Advance(TimeSpan.FromMinutes(6));
        await feed.TickAsync();

        Assert.Equal([Id("a", 1)], await feed.RecordedAsync());
        var refusal = Assert.Single(await feed.RefusedAsync());
        Assert.Equal((Id("a", 1), "#/id"), (refusal.GetProperty("eventId").GetString(), refusal.GetProperty("errors")[0].GetProperty("pointer").GetString()));
        Assert.Contains(feed.Requests, request => request.Headers.ContainsKey("If-None-Match"));
        Assert.Null((await feed.ProgressAsync())!.Error);
    }

    [Fact]
    public async Task A_walk_that_fails_goes_on_where_it_was()
    {
        await using var feed = await StartAsync();
        var pages = new Dictionary<string, string> { ["/events"] = Page("<link rel='prev-archive' href='events?page=2'/>", ("b", 2)) };
        Serve(feed, pages);
        await feed.TickAsync();
        Assert.Equal([Id("b", 2)], await feed.RecordedAsync());
        Assert.NotNull((await feed.ProgressAsync())!.Error);

        feed.Requests.Clear();
        pages["/events?page=2"] = Page("", ("a", 1));
        feed.Time.Advance(TimeSpan.FromMinutes(6));
        await feed.TickAsync();

        Assert.Equal([Id("a", 1), Id("b", 2)], await feed.RecordedAsync());
        Assert.Equal("/events?page=2", Targets(feed)[0]);
        Assert.Equal("2026-01-01T00:00:02.000Z", await feed.CursorAsync());
    }

    [Theory]
    [InlineData("<link rel='next' href='events'/>", "lead back")]
    [InlineData("<link rel='next' href='http://other.example.com/'/>", "not below")]
    [InlineData("<!-- -->", null)]
    public async Task Links_that_lead_in_a_circle_or_elsewhere_are_not_followed(string link, string? error)
    {
        await using var feed = await StartAsync();
        Serve(feed, new Dictionary<string, string> { ["/events"] = Page(link, ("a", 1)) });

        await feed.TickAsync();

        Assert.Equal([Id("a", 1)], await feed.RecordedAsync());
        Assert.Contains(error ?? "", (await feed.ProgressAsync())!.Error ?? "", StringComparison.Ordinal);
        Assert.Single(feed.Requests);
    }

    private static async Task<FeedScenario> StartAsync()
    {
        var feed = await FeedScenario.StartAsync();
        feed.Producer = feed.Producer with { Feed = feed.Producer.Feed! with { Format = FeedFormat.Atom, Type = "article.published" } };
        return feed;
    }

    private static void Serve(FeedScenario feed, Dictionary<string, string> pages) => feed.Instead = async context =>
    {
        var body = pages.GetValueOrDefault(context.Request.Path + context.Request.QueryString);
        var etag = $"\"{body?.Length} {body?.Contains("Titel", StringComparison.Ordinal)}\"";
        context.Response.StatusCode = body is null ? StatusCodes.Status500InternalServerError
            : context.Request.Headers.IfNoneMatch == etag ? StatusCodes.Status304NotModified : StatusCodes.Status200OK;
        if (context.Response.StatusCode == StatusCodes.Status200OK)
        {
            context.Response.Headers.ETag = etag;
            context.Response.ContentType = "application/atom+xml; charset=utf-8";
            await context.Response.WriteAsync(body!);
        }

        return true;
    };

    private static string Page(string links, params (string Id, int Second)[] entries) =>
        $"<feed xmlns='http://www.w3.org/2005/Atom'>{links}{string.Concat(entries.Select(one => $"<entry><id>{one.Id}</id><title>Title</title><updated>2026-01-01T00:00:0{one.Second}Z</updated></entry>"))}</feed>";

    private static string Id(string id, int second) => $"{id} 2026-01-01T00:00:0{second}.000Z";

    private static List<string> Targets(FeedScenario feed) => [.. feed.Requests.Select(request => request.Target)];
}
