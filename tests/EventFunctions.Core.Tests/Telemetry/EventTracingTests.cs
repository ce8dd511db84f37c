using System.Collections.Concurrent;
using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Telemetry;
using EventFunctions.Tests.Enrichment;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Telemetry;

/// <summary>Spans that are hard to meet on the way of one event. Listens to the traces of the tests here alone.</summary>
public sealed class EventTracingTests
{
    // Each test's own: a span of the test before may end in this one.
    private readonly string _traceId = ActivityTraceId.CreateRandom().ToHexString();
    private readonly string _traceParent;
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly StoreDouble _store = new();
    private readonly TopicDouble _topic = new();

    public EventTracingTests() => _traceParent = $"00-{_traceId}-b7ad6b7169203331-01";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_relay_publishes_together_is_one_request_linked_to_each_event()
    {
        using var listener = Listen();
        Due("a");
        Due("b");

        await Relay().RunAsync(Stop);

        var relayed = _ended.Where(span => span.OperationName == "relay").ToList();
        Assert.Equal(["a", "b"], relayed.Select(span => span.GetTagItem("cloudevents.event_id")).Order());
        Assert.All(relayed, span => Assert.Equal((_traceId, "b7ad6b7169203331"), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString())));
        var sent = _ended.Where(span => span.OperationName == "send").ToList();
        Assert.Equal(
            relayed.Select(span => span.SpanId.ToHexString()).Order(),
            sent.SelectMany(span => span.Links.Select(link => link.Context.SpanId.ToHexString()).DefaultIfEmpty(span.ParentSpanId.ToHexString())).Order());
        Assert.All(_topic.Taken, published => Assert.Contains(_traceParent, published, StringComparison.Ordinal));
        Assert.All(relayed.Concat(sent), span => Assert.Equal(("eventgrid", "events", "send"), SentTo(span)));
    }

    [Fact]
    public async Task A_publication_that_fails_is_an_error_in_the_events_trace()
    {
        using var listener = Listen();
        _topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        Due("a");

        await Relay().RunAsync(Stop);

        Assert.Equal(
            [("relay", "PublishException"), ("send", "unavailable")],
            _ended.Where(span => span.Status == ActivityStatusCode.Error).Select(span => (span.OperationName, (string)span.GetTagItem("error.type")!)).Order());
    }

    [Fact]
    public async Task An_attempt_that_fails_is_an_error_with_its_reason_and_so_is_its_fetch()
    {
        using var listener = Listen();
        var scenario = new EnrichmentScenario { TraceId = _traceId, Fetched = (_, _) => throw new FetchException(FailureReason.DataNotFound, permanent: true, "It answered 404.") };

        await scenario.DeliverAsync();

        Assert.Equal(
            [("enrich", FailureReason.DataNotFound), ("fetch", FailureReason.DataNotFound)],
            _ended.Where(span => span.Status == ActivityStatusCode.Error).Select(span => (span.OperationName, (string)span.GetTagItem("error.type")!)).Order());
    }

    [Fact]
    public async Task What_is_made_of_an_event_continues_the_attempt_that_froze_it_however_often_it_is_published()
    {
        using var listener = Listen();
        var scenario = new EnrichmentScenario { TraceId = _traceId };
        scenario.CrashAt("after publish");
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());
        scenario.Restart();
        scenario.Time.Advance(TimeSpan.FromSeconds(10));

        await scenario.DeliverAsync();

        var froze = _ended.First(span => span.OperationName == "enrich");
        Assert.Equal(_traceId, froze.TraceId.ToHexString());
        Assert.Equal(2, scenario.Published.Count);
        Assert.All(scenario.Published, published => Assert.Contains($"\"traceparent\":\"{froze.Id}\"", published, StringComparison.Ordinal));
    }

    [Fact]
    public void A_delivery_to_a_webhook_is_in_the_events_trace()
    {
        using var listener = Listen();

        EventTracing.Deliver(EnrichmentScenario.Key, "policy.renewed", "policy-42", _traceParent, "crm")?.Dispose();

        var deliver = Assert.Single(_ended);
        Assert.Equal(("deliver", ActivityKind.Client, _traceId, "b7ad6b7169203331"), (deliver.OperationName, deliver.Kind, deliver.TraceId.ToHexString(), deliver.ParentSpanId.ToHexString()));
        Assert.Equal(("webhook", "crm", "send"), SentTo(deliver));
    }

    [Fact]
    public void A_replay_is_no_part_of_the_request_that_asks_for_it_traced_or_not()
    {
        using var asking = new Activity("POST").Start();

        using var span = EventTracing.Replay(EnrichmentScenario.Key, 1, out var traceParent);

        Assert.Null(span);
        Assert.True(ActivityContext.TryParse(traceParent, null, out var context));
        Assert.NotEqual(asking.TraceId, context.TraceId);
        Assert.Same(asking, Activity.Current);
    }

    [Fact]
    public void While_nobody_listens_nothing_is_allocated()
    {
        var record = StoreSamples.Record("a");
        var sent = record.Event;
        Spans(sent, record);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Spans(sent, record);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static (string?, string?, string?) SentTo(Activity span) =>
        ((string?)span.GetTagItem("messaging.system"), (string?)span.GetTagItem("messaging.destination.name"), (string?)span.GetTagItem("messaging.operation.type"));

    private void Spans(EventNotification sent, EventRecord record)
    {
        Assert.Null(EventTracing.Accept(sent, "events"));
        Assert.Null(EventTracing.Publish(sent.Key, sent.Type, sent.Subject, "events"));
        Assert.Null(EventTracing.Relay(record, "events"));
        Assert.Null(EventTracing.Send([], "events"));
        Assert.Null(EventTracing.Enrich(sent.Key, sent.Type, sent.Subject, 0, _traceParent, null, "events"));
        Assert.Null(EventTracing.Fetch("policies"));
        Assert.Null(EventTracing.Deliver(sent.Key, sent.Type, sent.Subject, _traceParent, "crm"));
        EventTracing.Fail(null, "any");
    }

    private ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EventTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                IsOurs(options.Parent.TraceId, options.Links ?? []) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (IsOurs(span.TraceId, span.Links))
                {
                    _ended.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private bool IsOurs(ActivityTraceId trace, IEnumerable<ActivityLink> links) =>
        trace.ToHexString() == _traceId || links.Any(link => link.Context.TraceId.ToHexString() == _traceId);

    private EventRelay Relay() => new(
        _store.Port,
        TestPublisher.Over(_topic.Port, _time, new PublicationOptions { MaxConcurrentRequests = 1 }),
        Substitute.For<IPendingParts>(),
        _time,
        Options.Create(new RelayOptions()),
        NullLogger<EventRelay>.Instance,
        TestMetrics.Create());

    private void Due(string id)
    {
        var record = StoreSamples.Record(id);
        record = record with { RelayAt = _time.GetUtcNow(), Timeline = [record.Timeline[0] with { TraceParent = _traceParent }] };
        _store[record.Key] = record;
    }
}
