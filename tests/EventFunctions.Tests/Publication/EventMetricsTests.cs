using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using EventFunctions.Azure.Cosmos;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Telemetry;
using EventFunctions.Tests.Deliveries;
using EventFunctions.Tests.Enrichment;
using EventFunctions.Tests.Intake;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

public sealed class EventMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _measured = [];
    private readonly List<string> _instruments = [];
    private readonly EventMetrics _metrics;
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly StoreDouble _store = new();
    private readonly TopicDouble _topic = new();
    private readonly EventRelay _relay;

    public EventMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) => EnableOwn(instrument, listener, meters);
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, $"{value} {instrument.Unit}", tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, $"{value}", tags));
        _listener.Start();
        _metrics = new EventMetrics(meters);
        _relay = new EventRelay(
            _store.Port,
            TestPublisher.Over(_topic.Port, _time, metrics: _metrics),
            Substitute.For<IPendingParts>(),
            _time,
            Options.Create(new RelayOptions()),
            NullLogger<EventRelay>.Instance,
            _metrics);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public async Task The_backlogs_age_is_that_of_the_event_that_was_due_first_and_then_none()
    {
        Due("a", TimeSpan.FromSeconds(70));
        Due("b", TimeSpan.FromSeconds(90));
        Due("c", TimeSpan.FromSeconds(-1));

        await _relay.RunAsync(Stop);
        await _relay.RunAsync(Stop);

        Assert.Equal(["eventfunctions.relay.backlog.age 90 s", "eventfunctions.relay.backlog.age 0 s"], Measured("eventfunctions."));
    }

    [Fact]
    public async Task The_backlogs_age_grows_while_the_topic_takes_nothing_however_often_events_are_put_off()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Denied);
        Due("a", TimeSpan.Zero);

        for (var tick = 0; tick < 9; tick++)
        {
            await _relay.RunAsync(Stop);
            _time.Advance(_store.Records.Single().RelayAt!.Value - _time.GetUtcNow());
        }

        int[] ages = [0, 30, 90, 210, 450, 930, 1890, 3690, 5490];
        Assert.Equal(ages.Select(age => $"eventfunctions.relay.backlog.age {age} s"), Measured("eventfunctions."));
    }

    [Fact]
    public async Task The_webhooks_backlog_is_that_of_the_delivery_which_lost_its_message_first()
    {
        await using var scenario = new DeliveryScenario();
        await scenario.RegisterAsync();
        var requeue = new DeliveryRequeue(
            scenario.Documents, scenario.First.Deliveries, scenario.First.Endpoints, scenario.Time, Options.Create(scenario.Settings), NullLogger<DeliveryRequeue>.Instance, _metrics);
        await scenario.DispatchAsync("1");
        await requeue.RunAsync(Stop);
        scenario.Time.Advance(TimeSpan.FromMinutes(1));
        await scenario.DispatchAsync("2");
        scenario.Time.Advance(TimeSpan.FromMinutes(9));
        scenario.Queue.Clear();

        await requeue.RunAsync(Stop);
        await scenario.WorkAsync();
        await requeue.RunAsync(Stop);

        int[] ages = [0, 600, 0];
        Assert.Equal(ages.Select(age => $"eventfunctions.webhook.backlog.age {age} s"), Measured("eventfunctions.webhook.backlog"));
    }

    [Fact]
    public async Task The_webhooks_backlog_grows_while_nobody_takes_a_message_however_often_it_is_sent_and_ends_when_one_comes()
    {
        await using var scenario = new DeliveryScenario();
        var webhook = await scenario.RegisterAsync();
        var requeue = new DeliveryRequeue(
            scenario.Documents, scenario.First.Deliveries, scenario.First.Endpoints, scenario.Time, Options.Create(scenario.Settings), NullLogger<DeliveryRequeue>.Instance, _metrics);
        await scenario.DispatchAsync("0");
        await scenario.WorkAsync();
        await scenario.DispatchAsync("1");
        for (var minutes = 0; minutes <= 30; minutes += 5)
        {
            scenario.Queue.Clear();
            await requeue.RunAsync(Stop);
            scenario.Time.Advance(TimeSpan.FromMinutes(5));
        }

        // Then the endpoint is left alone: the message has come, and will come again.
        scenario.Time.Advance(TimeSpan.FromHours(1));
        await requeue.RunAsync(Stop);
        await scenario.First.Endpoints.Of("crm").Circuit.FailedAsync(webhook, isProbe: false, TimeSpan.FromMinutes(30), Stop);
        await scenario.WorkAsync();
        await requeue.RunAsync(Stop);
        scenario.Time.Advance(TimeSpan.FromMinutes(20));
        await requeue.RunAsync(Stop);

        int[] ages = [0, 300, 600, 900, 1_200, 1_500, 1_800, 5_700, 0, 0];
        Assert.Equal(ages.Select(age => $"eventfunctions.webhook.backlog.age {age} s"), Measured("eventfunctions.webhook.backlog"));
    }

    [Fact]
    public async Task What_can_never_be_published_is_counted_with_its_reason()
    {
        _topic.Answer = TopicDouble.Rejecting("\"culprit\"");
        Due("culprit", TimeSpan.Zero);
        Due("fine", TimeSpan.Zero);

        await _relay.RunAsync(Stop);

        Assert.Equal(["eventfunctions.relay.backlog.age 0 s", "eventfunctions.enrichments.failed 1 reason=unpublishable"], Measured("eventfunctions."));
    }

    [Fact]
    public async Task An_enrichment_that_fails_for_good_is_counted_once_with_its_reason()
    {
        var scenario = new EnrichmentScenario(metrics: _metrics)
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.DataNotFound, permanent: true, "It answered 404."),
        };

        await scenario.DeliverAsync();
        await scenario.DeliverAsync();

        Assert.Equal(["eventfunctions.enrichments.failed 1 reason=dataNotFound"], Measured("eventfunctions."));
        Assert.Equal(
            [
                "messaging.process.duration 0 s messaging.system=eventgrid messaging.operation.name=enrich result=failed error.type=dataNotFound",
                "messaging.process.duration 0 s messaging.system=eventgrid messaging.operation.name=enrich result=unwanted",
            ],
            Measured("messaging."));
    }

    [Fact]
    public async Task An_attempt_that_will_be_repeated_is_no_failure()
    {
        var scenario = new EnrichmentScenario(metrics: _metrics)
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.Timeout, permanent: false, "Too slow."),
        };

        await Assert.ThrowsAnyAsync<Exception>(() => scenario.DeliverAsync());

        Assert.Empty(Measured("eventfunctions."));
        Assert.Equal(
            ["messaging.process.duration 0 s messaging.system=eventgrid messaging.operation.name=enrich result=incomplete error.type=timeout"],
            Measured("messaging."));
    }

    [Fact]
    public async Task A_completed_event_tells_how_long_it_took_from_its_arrival_on_but_a_replayed_one_does_not()
    {
        var scenario = new EnrichmentScenario(metrics: _metrics);
        scenario.Time.Advance(TimeSpan.FromSeconds(7));
        await scenario.DeliverAsync();
        var now = scenario.Time.GetUtcNow();
        scenario.Store.Patch(EnrichmentScenario.Key, RecordPatch.Replayed(0, new TimelineEntry(now, TimelineStep.Replayed, 1), now));

        await scenario.DeliverAsync(run: 1);

        Assert.Equal(["eventfunctions.event.completion.duration 7 s", "eventfunctions.events.completed 1 in_time=true"], Measured("eventfunctions."));
        Assert.Equal(2, Measured("messaging.process.duration").Count(measured => measured.EndsWith("result=completed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_sent_to_the_topic_is_counted_and_timed_taken_or_not()
    {
        Due("a", TimeSpan.Zero);
        _topic.Answer = TopicDouble.Failing(PublishFailure.Denied);
        await _relay.RunAsync(Stop);
        _topic.Answer = TopicDouble.Rejecting("\"never\"");
        _time.Advance(TimeSpan.FromHours(1));
        await _relay.RunAsync(Stop);

        Assert.Equal(
            [
                "messaging.client.sent.messages 1 messaging.system=eventgrid messaging.operation.name=send error.type=denied",
                "messaging.client.operation.duration 0 s messaging.system=eventgrid messaging.operation.name=send error.type=denied",
                "messaging.client.sent.messages 1 messaging.system=eventgrid messaging.operation.name=send",
                "messaging.client.operation.duration 0 s messaging.system=eventgrid messaging.operation.name=send",
            ],
            Measured("messaging."));
    }

    [Fact]
    public async Task Intake_counts_what_it_accepts_refuses_and_has_seen()
    {
        _store.Port.CreateAsync([], Stop).ReturnsForAnyArgs(call => Task.FromResult<IReadOnlyList<bool>>([.. call.Arg<IReadOnlyList<EventRecord>>().Select(Create)]));
        var intake = TestIntake.Over(
            _store.Port,
            TestIntake.Registry(new Producer { Name = "policies", Source = "/s" }),
            TestPublisher.Over(_topic.Port, _time),
            _time,
            metrics: _metrics);
        var sent = new EventNotification { Id = "1", Source = "/s", Type = "t", Data = EventContent.FromJson("{}") };

        await intake.AcceptAsync([sent], Stop);
        await intake.AcceptAsync([sent], Stop);
        await intake.AcceptAsync([sent with { Type = "other" }], Stop);
        await intake.AcceptAsync([sent with { Id = "2" }, sent with { Source = "/nobody" }], Stop);

        Assert.Equal(
            [
                "eventfunctions.events.accepted 1 producer=policies status=recorded",
                "eventfunctions.events.duplicates 1 producer=policies",
                "eventfunctions.events.refused 1 reason=conflict",
                "eventfunctions.events.refused 1 reason=unknownSource",
            ],
            Measured("eventfunctions.events."));
    }

    [Fact]
    public void The_operations_guide_lists_every_instrument_with_its_kind_and_unit_and_no_other()
    {
        var charges = new RequestCharges(_services.GetRequiredService<IMeterFactory>().Create(RequestCharges.MeterName));

        Assert.NotNull(charges);
        Assert.Equal(_instruments.Order(StringComparer.Ordinal), Listed().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Alerts_watch_metrics_that_there_are()
    {
        var alerts = File.ReadAllText(Repository.File("infra/Components/Alerts.cs"));

        var watched = Regex.Matches(alerts, "\"(eventfunctions\\.[a-z.]+)\"").Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(watched);
        Assert.Subset(_instruments.Select(instrument => instrument.Split(' ')[0]).ToHashSet(), watched.ToHashSet());
    }

    // | `name` | kind | `unit` | ...
    private static IEnumerable<string> Listed() => File.ReadLines(Repository.File("docs/operate.md"))
        .Select(line => Regex.Match(line, @"^\| `([a-z_.]+)` \| (counter|gauge|histogram) \| `([^`]+)` \|"))
        .Where(match => match.Success)
        .Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value} {match.Groups[3].Value}");

    private List<string> Measured(string prefix) => _measured.FindAll(measured => measured.StartsWith(prefix, StringComparison.Ordinal));

    private void Add(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}".TrimEnd());

    private void EnableOwn(Instrument instrument, MeterListener listener, IMeterFactory meters)
    {
        if (instrument.Meter.Scope == meters)
        {
            _instruments.Add($"{instrument.Name} {instrument.GetType().Name.Split('`')[0].ToLowerInvariant()} {instrument.Unit}");
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private bool Create(EventRecord record)
    {
        if (_store.Records.Any(known => known.Key == record.Key))
        {
            return false;
        }

        _store[record.Key] = record;
        return true;
    }

    private void Due(string id, TimeSpan since)
    {
        var record = StoreSamples.Record(id) with { RelayAt = _time.GetUtcNow() - since };
        _store[record.Key] = record;
    }
}
