using System.Net;
using System.Net.Http.Headers;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Intake;
using NSubstitute;

namespace EventFunctions.Tests.Consumption;

public sealed class ReadApiTests : IAsyncLifetime
{
    private readonly IEventStore _store = Substitute.For<IEventStore>();
    private readonly List<EventQuery> _queries = [];
    private ApiServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ApiServer.StartAsync(_store, Stop);
        _store.ReadAsync(SampleRecords.Full.Key, Arg.Any<CancellationToken>()).Returns(SampleRecords.Full);
        _store.ReadDataAsync(SampleRecords.Full.Key, 1, Arg.Any<CancellationToken>()).Returns(SampleRecords.Data);
        _store.ListAsync(Arg.Any<EventQuery>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            _queries.Add(call.Arg<EventQuery>());
            return new EventPage([SampleRecords.Full], call.Arg<EventQuery>().Continuation is null ? "store's own" : null);
        });
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<Answer> GetAsync(string path)
    {
        using var response = await _server.Client.GetAsync(path, Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    [Fact]
    public async Task A_record_is_shown_with_its_attributes_status_and_timeline()
    {
        var answer = await GetAsync(EventPath.ForRecord(SampleRecords.Full.Key));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            """
            {"id":"a/ä","source":"/s","type":"t","subject":"policy-42","time":"2026-01-31T08:30:00Z","datacontenttype":"application/json",
            "dataschema":"urn:schema","dataref":"p/42","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"a=b",
            "extensions":{"count":7,"status":"mine"},"data":{ "n": 123456789012345678901234567890 },
            "producer":"policies","status":"failed","run":1,"reason":"dataNotFound","recordedAt":"2026-01-31T08:30:00.120Z","timeline":[
            {"at":"2026-01-31T08:30:00.120Z","what":"recorded","run":0,"traceId":"0af7651916cd43dd8448eb211c80319c"},
            {"at":"2026-01-31T08:30:00.120Z","what":"attemptFailed","run":1,"detail":"404","attempt":2,"count":3}]}
            """.ReplaceLineEndings(""),
            answer.Text);
    }

    [Theory]
    [InlineData(ContentKind.Text, "data", "\"\\u0001<a>\"")]
    [InlineData(ContentKind.Binary, "data_base64", "\"ATxhPg==\"")]
    public async Task Data_that_is_no_JSON_is_shown_as_CloudEvents_does(ContentKind kind, string name, string json)
    {
        var key = new EventKey("/s", "1");
        _store.ReadAsync(key, Arg.Any<CancellationToken>()).Returns(SampleRecords.Full with
        {
            Event = SampleRecords.Full.Event with { Id = "1", Data = new EventContent(kind, "\u0001<a>"u8.ToArray()) },
        });

        Assert.Equal(json, (await GetAsync("/api/events/1?source=/s")).Json.GetProperty(name).GetRawText());
    }

    [Fact]
    public async Task An_event_is_named_by_ID_and_source()
    {
        (await GetAsync("/api/events/1")).AssertProblem(HttpStatusCode.BadRequest, "source");
        (await GetAsync("/api/events/1?source=")).AssertProblem(HttpStatusCode.BadRequest, "source");
        (await GetAsync("/api/events/1/data?source=/a&source=/b")).AssertProblem(HttpStatusCode.BadRequest, "source");
        (await GetAsync("/api/events/1?source=/other")).AssertProblem(HttpStatusCode.NotFound);
        (await GetAsync("/api/events/~!?source=/s")).AssertProblem(HttpStatusCode.NotFound);
        (await GetAsync("/api/events/1/data?source=/other")).AssertProblem(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Full_data_comes_as_the_producer_sent_it_and_cannot_run_in_a_browser()
    {
        using var response = await _server.Client.GetAsync(EventPath.ForData(SampleRecords.Full.Key), Stop);

        Assert.Equal("""{ "full": true }""", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal("application/vnd.policy+json; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("W/\"v1\"", response.Headers.ETag!.ToString());
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.ToString());
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Contains("sandbox", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_of_a_run_is_named_by_its_number()
    {
        _store.ReadDataAsync(SampleRecords.Full.Key, 0, Arg.Any<CancellationToken>()).Returns(SampleRecords.Data with { Run = 0, Content = EventContent.FromJson("0") });

        Assert.Equal("0", await _server.Client.GetStringAsync(EventPath.ForData(SampleRecords.Full.Key, run: 0), Stop));
        (await GetAsync(EventPath.ForData(SampleRecords.Full.Key, run: 7))).AssertProblem(HttpStatusCode.NotFound);
        (await GetAsync("/api/events/1/data?source=/s&run=-1")).AssertProblem(HttpStatusCode.BadRequest, "run");
        (await GetAsync("/api/events/1/data?source=/s&run=0&run=1")).AssertProblem(HttpStatusCode.BadRequest, "run");
    }

    [Fact]
    public async Task Full_data_that_the_caller_has_is_not_sent_again()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, EventPath.ForData(SampleRecords.Full.Key));
        request.Headers.IfNoneMatch.ParseAdd("W/\"v1\"");
        using var response = await _server.Client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("text/html\r\nX-Evil: 1", "broken\r\n")]
    [InlineData("<script>", "unquoted")]
    public async Task A_producers_headers_that_are_none_are_not_passed_on(string? contentType, string? etag)
    {
        _store.ReadDataAsync(SampleRecords.Full.Key, 1, Arg.Any<CancellationToken>()).Returns(SampleRecords.Data with { ContentType = contentType, ETag = etag });

        using var response = await _server.Client.GetAsync(EventPath.ForData(SampleRecords.Full.Key), Stop);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.ToString());
        Assert.Null(response.Headers.ETag);
    }

    [Fact]
    public async Task A_list_takes_all_filters_and_leads_from_page_to_page()
    {
        const string Filters = "/api/events?status=failed,deadLettered&source=/s&type=t&subject=a%26b&reason=dataNotFound&from=2026-01-31T08:30:00Z&to=2026-02-01T00:00:00%2B02:00&limit=7&code=key";
        var first = await GetAsync(Filters);
        var second = await GetAsync($"{Filters}&continuation={first.Json.GetProperty("continuation").GetString()}");

        var query = new EventQuery
        {
            Status = EventStatus.Failed | EventStatus.DeadLettered,
            Source = "/s",
            Type = "t",
            Subject = "a&b",
            Reason = "dataNotFound",
            From = new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.Zero),
            To = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.FromHours(2)),
            Limit = 7,
        };
        Assert.Equal([query, query with { Continuation = "store's own" }], _queries);
        Assert.Equal("a/ä", first.Json.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.False(second.Json.TryGetProperty("continuation", out _));
    }

    [Fact]
    public async Task A_list_leaves_data_out_where_nobody_wants_it()
    {
        var with = await GetAsync("/api/events?limit=7");
        var without = await GetAsync("/api/events?limit=7&data=false");

        Assert.True(with.Json.GetProperty("items")[0].TryGetProperty("data", out _));
        Assert.False(without.Json.GetProperty("items")[0].TryGetProperty("data", out _));
    }

    [Fact]
    public async Task A_list_without_filters_is_a_page_of_100()
    {
        await GetAsync("/api/events");

        Assert.Equal([new EventQuery { Limit = 100 }], _queries);
    }

    [Fact]
    public async Task All_errors_of_a_query_are_reported_at_once()
    {
        var answer = await GetAsync("/api/events?status=failed,lost&source=&type=a&type=b&from=yesterday&to=2026-01-31&limit=1001&sorce=x");

        answer.AssertProblem(HttpStatusCode.BadRequest, "sorce", "status", "source", "type", "from", "to", "limit");
        Assert.Empty(_queries);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=99999999999", "limit")]
    [InlineData("dismissed=yes", "dismissed")]
    [InlineData("data=1", "data")]
    [InlineData("reason=", "reason")]
    [InlineData("status=", "status")]
    [InlineData("status=Failed", "status")]
    [InlineData("from=2026-01-31T00:00:00Z&to=2026-01-31T00:00:00Z", "to")]
    [InlineData("continuation=forged", "continuation")]
    [InlineData("continuation=", "continuation")]
    public async Task A_wrong_parameter_is_named(string query, string name) =>
        (await GetAsync("/api/events?" + query)).AssertProblem(HttpStatusCode.BadRequest, name);

    [Fact]
    public async Task A_continuation_that_the_store_refuses_is_the_callers_error()
    {
        _store.ListAsync(Arg.Is<EventQuery>(query => query.Continuation != null), Arg.Any<CancellationToken>())
            .Returns(Task.FromException<EventPage>(new InvalidContinuationException("of an older version")));

        var token = ApiServer.Tokens.Protect(ContinuationToken.FiltersOf(new EventFilter()), "old");

        (await GetAsync($"/api/events?continuation={token}")).AssertProblem(HttpStatusCode.BadRequest, "continuation");
    }

    [Fact]
    public async Task A_store_that_is_down_is_503_on_every_read()
    {
        _store.ReadAsync(default, Stop).ReturnsForAnyArgs(Task.FromException<EventRecord?>(new StoreUnavailableException("down")));
        _store.ListAsync(Arg.Any<EventQuery>(), Arg.Any<CancellationToken>()).Returns(Task.FromException<EventPage>(new StoreUnavailableException("down")));

        (await GetAsync("/api/events/1?source=/s")).AssertProblem(HttpStatusCode.ServiceUnavailable);
        (await GetAsync("/api/events/1/data?source=/s")).AssertProblem(HttpStatusCode.ServiceUnavailable);
        (await GetAsync("/api/events")).AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Health_tells_of_what_the_service_depends_on_and_says_no_more()
    {
        var healthy = await GetAsync("/api/health");

        Assert.Equal(
            (HttpStatusCode.OK, """{"status":"healthy","dependencies":{"store":"healthy","topic":"healthy","queue":"healthy"}}"""), (healthy.Status, healthy.Text));
    }

    [Fact]
    public async Task A_store_that_is_down_is_no_health()
    {
        _store.CheckAsync(Stop).ReturnsForAnyArgs(Task.FromException(new StoreUnavailableException("secret")));

        var unhealthy = await GetAsync("/api/health");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","dependencies":{"store":"unhealthy","topic":"healthy","queue":"healthy"}}"""),
            (unhealthy.Status, unhealthy.Text));
    }

    [Fact]
    public async Task A_store_that_refuses_events_is_no_health_though_it_can_be_read()
    {
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(Task.FromException<IReadOnlyList<bool>>(new StoreUnavailableException("secret")));
        using var body = new StringContent("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{}}""", new MediaTypeHeaderValue("application/cloudevents+json"));
        using var refused = await _server.Client.PostAsync(new Uri("/api/events", UriKind.Relative), body, Stop);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (refused.StatusCode, (await GetAsync("/api/health")).Status));
    }

    [Fact]
    public async Task Health_asks_the_store_once_however_often_it_is_asked_and_writes_nothing()
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await GetAsync("/api/health")).Status);
        }

        Assert.Equal([nameof(IEventStore.CheckAsync)], _store.ReceivedCalls().Select(call => call.GetMethodInfo().Name));
    }

    [Fact]
    public async Task A_topic_that_is_down_is_no_health()
    {
        _server.Topic.Failed(new PublishException(PublishFailure.Unavailable, "secret"));

        var unhealthy = await GetAsync("/api/health");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","dependencies":{"store":"healthy","topic":"unhealthy","queue":"healthy"}}"""),
            (unhealthy.Status, unhealthy.Text));
    }

    [Fact]
    public async Task A_queue_that_is_down_is_no_health()
    {
        _server.Queue.CheckAsync("webhook-deliveries", Arg.Any<CancellationToken>()).Returns(Task.FromException(new StoreUnavailableException("secret")));

        var unhealthy = await GetAsync("/api/health");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"unhealthy","dependencies":{"store":"healthy","topic":"healthy","queue":"unhealthy"}}"""),
            (unhealthy.Status, unhealthy.Text));
    }
}
