using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Tests.Hosting;

namespace EventFunctions.Tests.SampleProducer;

public sealed class PolicyFeedTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_holds_the_cloud_events_behind_the_last_one_read_in_the_order_they_came()
    {
        await using var server = await StartAsync();
        await AppendAsync(server, """[{"id":"c"},{"id":"a","type":"policy.issued"}]""");
        await AppendAsync(server, """{"id":"b","source":"/other","time":"2026-01-01T00:00:00Z"}""");

        using var answer = await server.Client.GetAsync("producer/feed", Cancellation);
        var all = JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation)).EnumerateArray().ToArray();

        Assert.Equal("application/cloudevents-batch+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["c", "a", "b"], Ids(all));
        Assert.Equal(("1.0", SampleProducers.FeedSource), (all[0].GetProperty("specversion").GetString(), all[0].GetProperty("source").GetString()));
        Assert.Equal(("/other", "2026-01-01T00:00:00Z"), (all[2].GetProperty("source").GetString(), all[2].GetProperty("time").GetString()));
        Assert.Equal(["b"], Ids(await ReadAsync(server, "?lastEventId=a")));
        Assert.Empty(await ReadAsync(server, "?lastEventId=b"));
        Assert.Equal(["c", "a", "b"], Ids(await ReadAsync(server, "?lastEventId=of-an-earlier-start")));
    }

    [Fact]
    public async Task A_long_feed_comes_page_by_page()
    {
        await using var server = await StartAsync();
        await AppendAsync(server, JsonSerializer.Serialize(Enumerable.Range(0, PolicyFeed.PageSize + 1).Select(i => new { id = $"e{i}" })));

        Assert.Equal(PolicyFeed.PageSize, (await ReadAsync(server, "")).Length);
        Assert.Equal([$"e{PolicyFeed.PageSize}"], Ids(await ReadAsync(server, $"?lastEventId=e{PolicyFeed.PageSize - 1}")));
    }

    [Fact]
    public async Task Who_waits_at_the_end_is_answered_as_soon_as_there_is_something()
    {
        await using var server = await StartAsync();
        await AppendAsync(server, """{"id":"1"}""");

        var waiting = ReadAsync(server, "?lastEventId=1&timeout=60000");
        Assert.Empty(await ReadAsync(server, "?lastEventId=1&timeout=1"));
        Assert.False(waiting.IsCompleted);
        await AppendAsync(server, """{"id":"2"}""");

        Assert.Equal(["2"], Ids(await waiting));
    }

    [Fact]
    public async Task The_end_of_the_feed_has_an_etag_until_something_follows()
    {
        await using var server = await StartAsync();
        using var end = await server.Client.GetAsync("producer/feed", Cancellation);

        var unchanged = await GetAsync(server, end.Headers.ETag!);
        await AppendAsync(server, """{"id":"1"}""");

        Assert.Equal(HttpStatusCode.NotModified, unchanged);
        Assert.Equal(HttpStatusCode.OK, await GetAsync(server, end.Headers.ETag!));
    }

    [Theory]
    [InlineData("no json", HttpStatusCode.BadRequest)]
    [InlineData("""[{"id":"new"},{}]""", HttpStatusCode.BadRequest)]
    [InlineData("""[{"id":"new"},{"id":7}]""", HttpStatusCode.BadRequest)]
    [InlineData("""[{"id":"new"},null]""", HttpStatusCode.BadRequest)]
    [InlineData("""[{"id":"new"},{"id":"\ud800"}]""", HttpStatusCode.BadRequest)]
    [InlineData("""[{"id":"new"},{"id":"new"}]""", HttpStatusCode.Conflict)]
    [InlineData("""[{"id":"new"},{"id":"known"}]""", HttpStatusCode.Conflict)]
    public async Task What_cannot_be_in_a_feed_is_refused_with_all_that_came_with_it(string events, HttpStatusCode status)
    {
        await using var server = await StartAsync();
        await AppendAsync(server, """{"id":"known"}""");

        using var answer = await server.Client.PostAsync("producer/feed", new StringContent(events, Encoding.UTF8, "application/json"), Cancellation);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(["known"], Ids(await ReadAsync(server, "")));
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("60001")]
    public async Task A_wait_that_makes_no_sense_is_refused(string timeout)
    {
        await using var server = await StartAsync();

        using var answer = await server.Client.GetAsync($"producer/feed?timeout={timeout}", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(services => services.AddSampleProducer(time => new FetchLog(time, null)), application => application.MapSampleProducer());

    private static async Task AppendAsync(TestServer server, string events)
    {
        using var answer = await server.Client.PostAsync("producer/feed", new StringContent(events, Encoding.UTF8, "application/json"), Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static async Task<JsonElement[]> ReadAsync(TestServer server, string query) =>
        [.. JsonElement.Parse(await server.Client.GetStringAsync("producer/feed" + query, Cancellation)).EnumerateArray()];

    private static async Task<HttpStatusCode> GetAsync(TestServer server, EntityTagHeaderValue etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "producer/feed") { Headers = { IfNoneMatch = { etag } } };
        using var answer = await server.Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    private static IEnumerable<string?> Ids(IEnumerable<JsonElement> events) => events.Select(e => e.GetProperty("id").GetString());
}
