using System.Diagnostics.Metrics;
using EventFunctions.Events;
using EventFunctions.Ports;
using EventFunctions.Publication;
using EventFunctions.Tests.Enrichment;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Publication;

public sealed class EventMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MeterListener _listener = new();
    private readonly List<string> _measured = [];
    private readonly EventMetrics _metrics;
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly StoreDouble _store = new();
    private readonly TopicDouble _topic = new();
    private readonly EventRelay _relay;

    public EventMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) => EnableOwn(instrument, listener, meters);
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => _measured.Add($"{instrument.Name} {value} {instrument.Unit}"));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _measured.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}"));
        _listener.Start();
        _metrics = new EventMetrics(meters);
        _relay = new EventRelay(
            _store.Port,
            new CoalescingPublisher(_topic.Port, _time, Options.Create(new PublicationOptions())),
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

        Assert.Equal(["eventfunctions.relay.backlog.age 90 s", "eventfunctions.relay.backlog.age 0 s"], _measured);
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
        Assert.Equal(ages.Select(age => $"eventfunctions.relay.backlog.age {age} s"), _measured);
    }

    [Fact]
    public async Task What_can_never_be_published_is_counted_with_its_reason()
    {
        _topic.Answer = TopicDouble.Rejecting("\"culprit\"");
        Due("culprit", TimeSpan.Zero);
        Due("fine", TimeSpan.Zero);

        await _relay.RunAsync(Stop);

        Assert.Equal(["eventfunctions.relay.backlog.age 0 s", "eventfunctions.enrichments.failed 1 reason=unpublishable"], _measured);
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

        Assert.Equal(["eventfunctions.enrichments.failed 1 reason=dataNotFound"], _measured);
    }

    [Fact]
    public async Task An_attempt_that_will_be_repeated_is_no_failure()
    {
        var scenario = new EnrichmentScenario(metrics: _metrics)
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.Timeout, permanent: false, "Too slow."),
        };

        await Assert.ThrowsAnyAsync<Exception>(() => scenario.DeliverAsync());

        Assert.Empty(_measured);
    }

    [Fact]
    public void Alerts_watch_metrics_that_there_are()
    {
        var alerts = File.ReadAllText(Path.Combine(FindRoot(), "infra", "Components", "Alerts.cs"));

        _metrics.RelayFound(TimeSpan.Zero);
        _metrics.Failed("any");

        Assert.Equal(2, _measured.Count);
        Assert.All(_measured, measured => Assert.Contains($"\"{measured.Split(' ')[0]}\"", alerts, StringComparison.Ordinal));
    }

    private static void EnableOwn(Instrument instrument, MeterListener listener, IMeterFactory meters)
    {
        if (instrument.Meter.Scope == meters)
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "EventFunctions.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }

        return folder;
    }

    private void Due(string id, TimeSpan since)
    {
        var record = StoreSamples.Record(id) with { RelayAt = _time.GetUtcNow() - since };
        _store[record.Key] = record;
    }
}
