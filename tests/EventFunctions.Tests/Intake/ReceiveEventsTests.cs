using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class ReceiveEventsTests : IAsyncLifetime
{
    private const int Limit = 1_048_576;

    private readonly IEventStore _store = Substitute.For<IEventStore>();
    private ApiServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ApiServer.StartAsync(_store, Stop);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string Event(string id = "1", string data = "{}", string source = "/s") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"t","data":{{data}}}""";

    private Task<Answer> PostAsync(string body, string contentType = "application/cloudevents+json") =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType, _ => { });

    private async Task<Answer> PostAsync(byte[] body, string? contentType, Action<HttpRequestMessage> adapt)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/events") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        adapt(request);
        using var response = await _server.Client.SendAsync(request, Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    private Task<Answer> PostEncodedAsync(byte[] body, params string[] encodings) =>
        PostAsync(body, "application/cloudevents+json", request =>
        {
            foreach (var encoding in encodings)
            {
                request.Content!.Headers.ContentEncoding.Add(encoding);
            }
        });

    [Fact]
    public async Task A_request_that_exceeds_the_quota_of_its_producer_is_put_off_whole()
    {
        string Batch(int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(i => Event($"{i}", source: "/limited")))}]";
        const string BatchType = "application/cloudevents-batch+json";

        var large = await PostAsync(Batch(4), BatchType);
        var first = await PostAsync(Batch(2), BatchType);
        _store.ClearReceivedCalls();
        var second = await PostAsync(Batch(2), BatchType);

        Assert.Equal(HttpStatusCode.Accepted, first.Status);
        large.AssertProblem(HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("Send batches of at most 3 events.", large.Text, StringComparison.Ordinal);
        second.AssertProblem(HttpStatusCode.TooManyRequests);
        Assert.Contains("""quota":{"producer":"limited","eventsPerMinute":3,"events":2,"left":1}""", second.Text, StringComparison.Ordinal);
        Assert.InRange(int.Parse(second.RetryAfter!, CultureInfo.InvariantCulture), 1, 20);
        await _store.DidNotReceiveWithAnyArgs().CreateAsync([], Stop);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(Event(source: "/limited"))).Status);
    }

    private void Holds(string json)
    {
        var notification = Reading.Event(Reading.Structured(json));
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(call =>
            Task.FromResult<IReadOnlyList<bool>>([.. call.Arg<IReadOnlyList<EventRecord>>().Select(record => record.Key != notification.Key)]));
        _store.ReadAsync(notification.Key, Arg.Any<CancellationToken>()).Returns(new EventRecord
        {
            Event = notification,
            Producer = "policies",
            Fingerprint = Fingerprint.Of(notification),
            RecordedAt = DateTimeOffset.UnixEpoch,
            Status = EventStatus.Completed,
            Timeline = [],
        });
    }

    private static byte[] Compressed(byte[] body, Func<Stream, Stream> compressor)
    {
        using var output = new MemoryStream();
        using (var stream = compressor(output))
        {
            stream.Write(body);
        }

        return output.ToArray();
    }

    private static byte[] GZip(byte[] body) => Compressed(body, output => new GZipStream(output, CompressionLevel.Fastest));

    private static byte[] Brotli(byte[] body) => Compressed(body, output => new BrotliStream(output, CompressionLevel.Fastest));

    [Theory]
    [InlineData("application/cloudevents+json")]
    [InlineData("application/json; charset=utf-8")]
    public async Task An_event_is_accepted_with_its_location(string contentType)
    {
        var answer = await PostAsync(Event("a/1"), contentType);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal("""{"id":"a/1","source":"/s","status":"recorded","duplicate":false}""", answer.Text);
        Assert.Equal(EventPath.ForRecord(new EventKey("/s", "a/1")), answer.Location);
    }

    [Fact]
    public async Task A_binary_event_is_accepted()
    {
        var answer = await PostAsync("bytes"u8.ToArray(), "text/plain", request =>
        {
            foreach (var (name, value) in new[] { ("specversion", "1.0"), ("id", "%C3%A4"), ("source", "/s"), ("type", "t") })
            {
                request.Headers.Add("ce-" + name, value);
            }
        });

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("ä", answer.Json.GetProperty("id").GetString());
    }

    [Fact]
    public async Task A_batch_is_answered_with_an_array_and_an_empty_one_with_an_empty_array()
    {
        var answer = await PostAsync($"[{Event("1")},{Event("2")},{Event("3")}]", "application/cloudevents-batch+json");

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal(["1", "2", "3"], answer.Json.EnumerateArray().Select(item => item.GetProperty("id").GetString()));
        Assert.Null(answer.Location);

        var empty = await PostAsync("[]", "application/cloudevents-batch+json");
        Assert.Equal((HttpStatusCode.Accepted, "[]"), (empty.Status, empty.Text));
    }

    [Fact]
    public async Task A_repeat_is_accepted_as_a_duplicate_and_another_content_is_a_conflict()
    {
        Holds(Event());

        var repeat = await PostAsync(Event().Replace(",", " , ", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.Accepted, """{"id":"1","source":"/s","status":"completed","duplicate":true}"""), (repeat.Status, repeat.Text));

        var conflict = await PostAsync(Event(data: "1"));
        conflict.AssertProblem(HttpStatusCode.Conflict, "#/id");
    }

    [Fact]
    public async Task A_batch_with_a_conflict_names_it_and_lists_what_is_recorded()
    {
        Holds(Event("2"));

        var answer = await PostAsync($"[{Event("1")},{Event("2", "7")},{Event("2")}]", "application/cloudevents-batch+json");

        answer.AssertProblem(HttpStatusCode.Conflict, "#/1/id");
        Assert.Equal(
            [("1", false), ("2", true)],
            answer.Json.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("id").GetString()!, item.GetProperty("duplicate").GetBoolean())));
    }

    [Fact]
    public async Task What_is_not_valid_is_answered_with_every_error_and_nothing_is_recorded()
    {
        var answer = await PostAsync($$"""[{{Event()}},{"specversion":"1.0","id":""}]""", "application/cloudevents-batch+json");

        answer.AssertProblem(HttpStatusCode.BadRequest, "#/1/id", "#/1/source", "#/1/type");
        Assert.Empty(_store.ReceivedCalls());
    }

    [Fact]
    public async Task An_unknown_source_is_forbidden_and_named()
    {
        var answer = await PostAsync(Event(source: "/nobody"));

        answer.AssertProblem(HttpStatusCode.Forbidden, "#/source");
        Assert.Contains("/nobody", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/cloudevents+avro")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task A_content_type_that_holds_no_events_is_unsupported(string? contentType) =>
        (await PostAsync("{}"u8.ToArray(), contentType, _ => { })).AssertProblem(HttpStatusCode.UnsupportedMediaType);

    [Fact]
    public async Task A_store_that_is_down_is_503_with_the_time_to_come_back()
    {
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(
            Task.FromException<IReadOnlyList<bool>>(new StoreUnavailableException("secret host name") { RetryAfter = TimeSpan.FromMilliseconds(1_200) }));

        var answer = await PostAsync(Event());

        answer.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("2", answer.RetryAfter);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
    }

    private Task<Answer> DeliverAsync(string body, string contentType = "application/cloudevents-batch+json", string? key = null, string kind = "Notification") =>
        PostAsync(Encoding.UTF8.GetBytes(body), contentType, request =>
        {
            request.Headers.Add("aeg-event-type", kind);
            if (key is not null)
            {
                request.Headers.Add("x-producer-key", key);
            }
        });

    [Fact]
    public async Task Event_Grid_gets_200_for_a_delivery_with_refused_events_and_503_for_what_it_has_to_send_again()
    {
        var mixed = await DeliverAsync($"[{Event("1")},{Event("2", source: "/unknown")},{Event("3", source: "/other")}]");
        var single = await DeliverAsync(Event("3"), "application/cloudevents+json");
        var wrongKey = await DeliverAsync($"[{Event("4")}]", key: "efp_wrong");
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(Task.FromException<IReadOnlyList<bool>>(new StoreUnavailableException("down")));
        var down = await DeliverAsync($"[{Event("5")},{Event("6", source: "/unknown")}]");

        Assert.Equal((HttpStatusCode.OK, """{"recorded":1,"duplicates":0,"refused":2}"""), (mixed.Status, mixed.Text));
        Assert.Equal((HttpStatusCode.OK, """{"recorded":1,"duplicates":0,"refused":0}"""), (single.Status, single.Text));
        wrongKey.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("60", wrongKey.RetryAfter);
        down.AssertProblem(HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task An_event_of_Event_Grid_that_waits_for_a_quota_does_not_hold_up_its_neighbours()
    {
        string Limited(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => Event($"{i}", source: "/limited")));
        await DeliverAsync($"[{Limited(20)}]");
        _store.ClearReceivedCalls();

        var answer = await DeliverAsync($"[{Limited(2)},{Event("neighbour")}]");

        answer.AssertProblem(HttpStatusCode.TooManyRequests);
        Assert.NotNull(answer.RetryAfter);
        Assert.Contains("2 events have to wait", answer.Text, StringComparison.Ordinal);
        await _store.Received(1).CreateAsync(
            Arg.Is<IReadOnlyList<EventRecord>>(records => records.Count == 1 && records[0].Event.Id == "neighbour"), Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Event_Grid_keeps_an_event_of_an_unknown_source_while_the_list_of_refusals_is_full()
    {
        var full = await DeliverAsync($"[{string.Join(',', Enumerable.Range(0, 1_001).Select(i => Event($"{i}", source: "/unknown")))}]");

        full.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("60", full.RetryAfter);
    }

    [Theory]
    [InlineData("{broken", "Not JSON at line 1")]
    [InlineData("{}", "A batch must be an array")]
    public async Task A_delivery_that_is_not_JSON_is_told_apart_from_one_that_is_no_array(string body, string detail)
    {
        var answer = await DeliverAsync(body);

        answer.AssertProblem(HttpStatusCode.BadRequest);
        Assert.Contains(detail, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "Notification", true)]
    [InlineData("application/json", "SubscriptionValidation", true)]
    [InlineData("application/json", null, false)]
    [InlineData("application/cloudevents+json", null, false)]
    public async Task An_event_in_Event_Grids_schema_is_answered_with_advice(string contentType, string? kind, bool isArray)
    {
        const string GridEvent = """{"id":"1","topic":"/s","subject":"a","eventType":"t","eventTime":"2026-01-31T08:30:00Z","data":{},"dataVersion":"","metadataVersion":"1"}""";

        var answer = kind is null ? await PostAsync(GridEvent, contentType) : await DeliverAsync(isArray ? $"[{GridEvent}]" : GridEvent, contentType, kind: kind);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("cloudeventschemav1_0", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_has_at_most_1_MB(bool chunked)
    {
        void Adapt(HttpRequestMessage request) => request.Headers.TransferEncodingChunked = chunked;
        var fits = Encoding.UTF8.GetBytes(Event(data: "0").PadRight(Limit));

        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(fits, "application/cloudevents+json", Adapt)).Status);
        (await PostAsync([.. fits, (byte)' '], "application/cloudevents+json", Adapt)).AssertProblem(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task An_event_that_Event_Grid_would_refuse_for_its_size_is_too_large()
    {
        var answer = await PostAsync(Event(data: $"\"{new string('x', 1_000_000)}\""));

        answer.AssertProblem(HttpStatusCode.RequestEntityTooLarge, "#");
        Assert.Empty(_store.ReceivedCalls());
    }

    [Fact]
    public async Task Compressed_bodies_are_repeats_of_the_plain_one()
    {
        Holds(Event(data: "\"äöü\""));
        var body = Encoding.UTF8.GetBytes(Event(data: "\"äöü\""));

        Assert.True((await PostEncodedAsync(GZip(body), "gzip")).Json.GetProperty("duplicate").GetBoolean());
        Assert.True((await PostEncodedAsync(Brotli(body), "br")).Json.GetProperty("duplicate").GetBoolean());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task The_limit_applies_to_what_comes_out(string encoding)
    {
        byte[] Compress(byte[] body) => encoding == "br" ? Brotli(body) : GZip(body);

        Assert.Equal(HttpStatusCode.Accepted, (await PostEncodedAsync(Compress(Encoding.UTF8.GetBytes(Event().PadRight(Limit))), encoding)).Status);
        (await PostEncodedAsync(Compress(Encoding.UTF8.GetBytes(Event().PadRight(Limit + 1))), encoding)).AssertProblem(HttpStatusCode.RequestEntityTooLarge);
        (await PostEncodedAsync(Compress(new byte[200_000_000]), encoding)).AssertProblem(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("gzip", 0)]
    [InlineData("gzip", 1)]
    [InlineData("gzip", 9)]
    [InlineData("gzip", 30)]
    [InlineData("br", 0)]
    [InlineData("br", 1)]
    [InlineData("br", 30)]
    public async Task A_compressed_body_that_was_cut_off_or_goes_on_is_refused(string encoding, int missing)
    {
        var body = Encoding.UTF8.GetBytes(Event(data: $"\"{Guid.NewGuid()}{Guid.NewGuid()}\"").PadRight(500));
        var compressed = encoding == "br" ? Brotli(body) : GZip(body);
        var damaged = missing == 0 ? [.. compressed, 1, 2, 3] : compressed[..^missing];

        (await PostEncodedAsync(damaged, encoding)).AssertProblem(HttpStatusCode.BadRequest);
        (await PostEncodedAsync(body, encoding)).AssertProblem(HttpStatusCode.BadRequest);
        (await PostEncodedAsync([], encoding)).AssertProblem(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Unknown_and_repeated_compressions_are_unsupported()
    {
        (await PostEncodedAsync([0], "zstd")).AssertProblem(HttpStatusCode.UnsupportedMediaType);
        var answer = await PostEncodedAsync([0], "gzip", "gzip");
        answer.AssertProblem(HttpStatusCode.UnsupportedMediaType);
        Assert.Equal("gzip, br", answer.AcceptEncoding);
    }

    [Theory]
    [InlineData("eventemitter.example.com", null)]
    [InlineData("eventemitter.example.com", "120")]
    [InlineData("localhost", "*")]
    public async Task The_handshake_grants_the_origin_that_asks(string origin, string? rate)
    {
        using var response = await HandshakeAsync(origin, rate);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([origin], response.Headers.GetValues("WebHook-Allowed-Origin"));
        Assert.Equal(["*"], response.Headers.GetValues("WebHook-Allowed-Rate"));
        Assert.Contains("POST", response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("not a name", null)]
    [InlineData("<script>", null)]
    [InlineData("example.com", "0")]
    [InlineData("example.com", "many")]
    public async Task A_handshake_that_is_none_grants_nothing(string? origin, string? rate)
    {
        using var response = await HandshakeAsync(origin, rate);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.False(response.Headers.Contains("WebHook-Allowed-Origin"));
    }

    private Task<HttpResponseMessage> HandshakeAsync(string? origin, string? rate)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "/api/events");
        if (origin is not null)
        {
            request.Headers.TryAddWithoutValidation("WebHook-Request-Origin", origin);
        }

        if (rate is not null)
        {
            request.Headers.Add("WebHook-Request-Rate", rate);
        }

        return _server.Client.SendAsync(request, Stop);
    }
}
