using System.Net;
using System.Text.Json;
using EventFunctions.Tests.Contract;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Telemetry;

/// <summary>What the embedded host, as a process of its own, tells a collector of an event's way.</summary>
public sealed class ExportTests
{
    private const string Source = "/tests/telemetry";
    private const string Secret = "s3cr3t-of-the-producer";
    private const string Payload = "payl0ad-of-the-event";

    private static readonly string EventPath = $"source={Uri.EscapeDataString(Source)}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_events_trace_has_every_step_with_its_parent(bool inProcess)
    {
        await using var stage = await Stage.StartAsync(inProcess);
        await stage.PostAsync("a");
        await stage.CompletedAsync("a", run: 0);

        var trace = await stage.TraceAsync("a", run: 0, spans => Enriched(spans).Count() == 1);

        var post = Assert.Single(trace, span => span.ParentId.Length == 0);
        Assert.Equal("POST api/events", post.Name);
        var accept = Child(trace, post, "accept");
        Assert.Equal("events", accept["messaging.destination.name"]);
        Assert.Equal(("create", "a", Source, "thing.changed"), (accept["messaging.operation.type"], accept["cloudevents.event_id"], accept["cloudevents.event_source"], accept["cloudevents.event_type"]));
        AssertSent(trace, Child(trace, accept, "publish"), inProcess);
        var enrich = Child(trace, accept, "enrich");
        Assert.Equal("events", enrich["messaging.destination.name"]);
        Assert.Equal(("process", "enrichment", "a"), (enrich["messaging.operation.type"], enrich["messaging.destination.subscription.name"], enrich["cloudevents.event_id"]));
        Assert.DoesNotContain(enrich.Links, link => link.TraceId == post.TraceId);
        Assert.Equal(inProcess ? 0 : 1, enrich.Links.Count);
        var fetch = Child(trace, enrich, "fetch");
        Assert.Equal("200", Child(trace, fetch, "GET")["http.response.status_code"]);
        var enriched = Child(trace, enrich, "publish");
        Assert.Equal("a:enriched", enriched["cloudevents.event_id"]);
        AssertSent(trace, enriched, inProcess);
        Assert.All(trace, span => Assert.Equal("EventFunctions", span.Service));
        Assert.All(trace, span => Assert.True(span.Start <= span.End));
        Assert.All(trace.Where(span => span != post), span => Assert.Contains(trace, parent => parent.SpanId == span.ParentId));
    }

    [Fact]
    public async Task A_customers_delivery_and_its_repeat_are_part_of_the_events_trace()
    {
        await using var stage = await Stage.StartAsync();
        await using var customer = await stage.CustomerAsync();
        customer.Answer = (_, number, _) => Task.FromResult(number == 1 ? 503 : 204);
        await stage.PostAsync("e");
        await stage.CompletedAsync("e", run: 0);

        var trace = await stage.TraceAsync("e", run: 0, spans => spans.Count(span => span.Name == "deliver") == 2);

        var enrich = trace.Single(span => span.Name == "enrich");
        var deliveries = trace.Where(span => span.Name == "deliver" && span.ParentId == enrich.SpanId).OrderBy(span => span.Start).ToList();
        Assert.Equal(["503", ""], deliveries.Select(span => span["error.type"] ?? ""));
        Assert.Equal(["503", "204"], deliveries.Select(span => Child(trace, span, "POST")["http.response.status_code"]));
        Assert.All(deliveries, span => Assert.Equal(("e:enriched", "send"), (span["cloudevents.event_id"], span["messaging.operation.type"])));
        Assert.All(deliveries, span => Assert.Equal("webhook", span["messaging.system"]));
        Assert.Equal(deliveries.Select(span => $"00-{span.TraceId}-{span.SpanId}-01"), customer.All.Select(posted => posted.TraceParent));
    }

    [Fact]
    public async Task A_producers_own_trace_is_continued()
    {
        await using var stage = await Stage.StartAsync();
        await stage.PostAsync("b", "\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",");
        await stage.CompletedAsync("b", run: 0);

        var trace = await stage.TraceAsync("0af7651916cd43dd8448eb211c80319c", spans => Enriched(spans).Count() == 1);

        string[] theirs = ["accept", "enrich"];
        Assert.Equal(theirs, trace.Where(span => span.ParentId == "b7ad6b7169203331").Select(span => span.Name).Order());
        var accept = trace.Single(span => span.Name == "accept");
        Assert.Equal("process", accept["messaging.operation.type"]);
        Assert.Contains(stage.Collector.Spans, span => span.Name == "POST api/events" && accept.Links.Contains((span.TraceId, span.SpanId)));
    }

    [Fact]
    public async Task A_replay_is_a_trace_of_its_own_with_a_link_to_the_run_before()
    {
        await using var stage = await Stage.StartAsync();
        await stage.PostAsync("c");
        await stage.CompletedAsync("c", run: 0);
        await stage.ReplayAsync("c");
        await stage.CompletedAsync("c", run: 1);

        var before = await stage.TraceAsync("c", run: 0, spans => Enriched(spans).Count() == 1);
        var trace = await stage.TraceAsync("c", run: 1, spans => Enriched(spans).Count() == 1);

        Assert.NotEqual(before[0].TraceId, trace[0].TraceId);
        var replay = Assert.Single(trace, span => span.ParentId.Length == 0);
        Assert.Equal("replay", replay.Name);
        var asking = stage.Collector.Spans.Single(span => span.Name == "POST api/events/{id}/replay");
        Assert.Equal([(asking.TraceId, asking.SpanId)], replay.Links);
        var relay = Child(trace, replay, "relay");
        var accept = before.Single(span => span.Name == "accept");
        Assert.Equal([(accept.TraceId, accept.SpanId)], relay.Links);
        Assert.Equal("1", Child(trace, replay, "enrich")["eventfunctions.run"]);
    }

    [Fact]
    public async Task Nothing_that_is_exported_or_logged_holds_a_payload_or_a_secret()
    {
        await using var stage = await Stage.StartAsync();
        await stage.PostAsync("d", more: $$""","data":{"name":"{{Payload}}"}""");
        await stage.CompletedAsync("d", run: 0);
        await stage.PostAsync("gone-d", more: $$""","data":{"name":"{{Payload}}"}""");
        await stage.PostAsync("d", more: $$""","data":{"name":"other {{Payload}}"}""", status: HttpStatusCode.Conflict);
        await stage.PostAsync("bad id\\u0000", more: $$""","data":{"name":"{{Payload}}"}""", status: HttpStatusCode.BadRequest);
        await stage.TraceAsync("d", run: 0, spans => Enriched(spans).Count() == 1);
        await Poll.UntilAsync(
            () => stage.Collector.Requests["logs"].Any(log => log.Contains("gone-d", StringComparison.Ordinal))
                && stage.Collector.Requests["metrics"].Any(metrics => metrics.Contains("eventfunctions.enrichments.failed", StringComparison.Ordinal)),
            () => string.Join('\n', stage.Output));

        string[] secrets =
        [
            Secret, Payload, .. Directory.EnumerateFiles(stage.DataFolder, "*.key", SearchOption.AllDirectories).Select(file => File.ReadAllText(file).Trim()),
        ];
        Assert.True(secrets.Length > 4);
        var told = stage.Collector.Requests.SelectMany(requests => requests).Concat(stage.Output).ToList();
        Assert.All(secrets, secret => Assert.DoesNotContain(told, one => one.Contains(secret, StringComparison.Ordinal) || one.Contains(Uri.EscapeDataString(secret), StringComparison.Ordinal)));
        Assert.Contains(stage.Collector.Requests["metrics"], metrics => metrics.Contains("eventfunctions.event.completion.duration", StringComparison.Ordinal));
    }

    private static IEnumerable<OtlpSpan> Enriched(IEnumerable<OtlpSpan> spans) => spans.Where(span => span.Name == "enrich");

    private static OtlpSpan Child(IReadOnlyList<OtlpSpan> trace, OtlpSpan parent, string name)
    {
        var children = trace.Where(span => span.ParentId == parent.SpanId && span.Name == name).ToList();
        Assert.True(children.Count == 1, $"{children.Count} spans {name} below {parent} in:\n{string.Join('\n', trace)}");
        return children[0];
    }

    // The request to the topic. If it is an HTTP call: that call, and what the local Event Grid makes of it, which Azure's client
    // hangs under its caller rather than under its call.
    private static void AssertSent(IReadOnlyList<OtlpSpan> trace, OtlpSpan publish, bool inProcess)
    {
        Assert.Equal(("eventgrid", "events", "send"), (publish["messaging.system"], publish["messaging.destination.name"], publish["messaging.operation.type"]));
        var send = Child(trace, publish, "send");
        Assert.Equal(("1", "events"), (send["messaging.batch.message_count"], send["messaging.destination.name"]));
        if (!inProcess)
        {
            Assert.Equal("POST", Child(trace, send, "POST")["http.request.method"]);
            Child(trace, send, "POST /eventgrid/{topic}/api/events");
        }
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly HttpClient _client = new(Checked());
        private StubProducer _producer = null!;
        private HostProcess _host = null!;

        private Stage()
        {
        }

        public Collector Collector { get; private set; } = null!;

        public string DataFolder => _folder.Path;

        public IReadOnlyCollection<string> Output => _host.Output;

        public static async Task<Stage> StartAsync(bool inProcess = true)
        {
            var stage = new Stage { Collector = await Collector.StartAsync(), _producer = await StubProducer.StartAsync() };
            var settings = stage._producer.Registration(Source).Concat(stage.Collector.Variables()).Concat(
            [
                new("Producers:stub:Data:Auth:Kind", "header"),
                new("Producers:stub:Data:Auth:Header", "x-api-key"),
                new("Producers:stub:Data:Auth:Secret", "STUB"),
                new("ProducerSecrets:STUB", Secret),
                new("TickSchedule", "* * * * * *"),
                new("LocalEventGrid:InProcess", inProcess ? "true" : "false"),
                new("Intake:StoreBudget", "00:00:30"),
                new("Webhooks:AllowedNetworks:0", "127.0.0.0/8"),
                new("Logging:LogLevel:EventFunctions", "Trace"),
            ]);
            stage._host = new HostProcess(stage._folder.Path, new Dictionary<string, string>(settings));
            await stage._host.StartAsync(Cancellation);
            return stage;
        }

        public async Task PostAsync(string id, string trace = "", string more = "", HttpStatusCode status = HttpStatusCode.Accepted)
        {
            using var content = Service.Structured(
                $$"""{"specversion":"1.0",{{trace}}"id":"{{id}}","source":"{{Source}}","type":"thing.changed","subject":"{{id}}"{{more}}}""");
            using var answer = await _client.PostAsync(new Uri(_host.Address, "api/events"), content, Cancellation);
            Assert.Equal(status, answer.StatusCode);
        }

        public async Task ReplayAsync(string id)
        {
            using var administrator = await AdministratorAsync();
            using var answer = await administrator.PostAsync($"api/events/{id}/replay?{EventPath}", null, Cancellation);
            Assert.True(answer.IsSuccessStatusCode, answer.ToString());
        }

        public async Task<WebhookCustomer> CustomerAsync()
        {
            using var administrator = await AdministratorAsync();
            var customer = await WebhookCustomer.StartAsync();
            await customer.RegisterAsync(administrator, "crm", cancellationToken: Cancellation);
            return customer;
        }

        public async Task CompletedAsync(string id, int run)
        {
            var last = default(JsonElement);
            await Poll.UntilAsync(
                async () =>
                {
                    last = await ReadAsync(id);
                    return last.GetProperty("status").GetString() == "completed" && last.GetProperty("run").GetInt32() == run;
                },
                () => last.GetRawText() + string.Join('\n', Output));
        }

        /// <summary>The spans of the trace that the timeline names for a run, once they are all there.</summary>
        public async Task<IReadOnlyList<OtlpSpan>> TraceAsync(string id, int run, Func<IEnumerable<OtlpSpan>, bool> complete)
        {
            var timeline = (await ReadAsync(id)).GetProperty("timeline").EnumerateArray();
            var traceIds = timeline.Where(entry => entry.GetProperty("run").GetInt32() == run && entry.TryGetProperty("traceId", out _))
                .Select(entry => entry.GetProperty("traceId").GetString()!).Distinct();
            return await TraceAsync(Assert.Single(traceIds), complete);
        }

        public async Task<IReadOnlyList<OtlpSpan>> TraceAsync(string traceId, Func<IEnumerable<OtlpSpan>, bool> complete)
        {
            IReadOnlyList<OtlpSpan> trace = [];
            await Poll.UntilAsync(
                () =>
                {
                    trace = [.. Collector.Spans.Where(span => span.TraceId == traceId)];
                    return complete(trace) && trace.All(span => span.ParentId.Length == 0 || span.ParentId == "b7ad6b7169203331" || trace.Any(parent => parent.SpanId == span.ParentId));
                },
                () => string.Join('\n', Collector.Spans) + string.Join('\n', Output));
            return trace;
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _host.DisposeAsync();
            await _producer.DisposeAsync();
            await Collector.DisposeAsync();
            _folder.Dispose();
        }

        private static ContractHandler Checked() => new(new SocketsHttpHandler { UseProxy = false });

        private async Task<HttpClient> AdministratorAsync()
        {
            // It listens before it has read its settings, and answers only then.
            await _client.GetStringAsync(new Uri(_host.Address, "api/health"), Cancellation);
            var key = (await File.ReadAllTextAsync(_folder.File("administration.key"), Cancellation)).Trim();
            return new HttpClient(Checked()) { BaseAddress = _host.Address, DefaultRequestHeaders = { { "x-admin-key", key } } };
        }

        private async Task<JsonElement> ReadAsync(string id)
        {
            using var record = JsonDocument.Parse(await _client.GetStringAsync(new Uri(_host.Address, $"api/events/{id}?{EventPath}"), Cancellation));
            return record.RootElement.Clone();
        }
    }
}
