using System.Text.Json;
using EventFunctions.Intake.Quotas;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class ProducerQuotasTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 30, 30, TimeSpan.Zero));
    private readonly ListLogger<QuotaNotices> _log = new();
    private readonly ListLogger<MinuteNotices> _unpublished = new();
    private readonly List<JsonElement> _published = [];
    private readonly IEventPublisher _topic = Substitute.For<IEventPublisher>();
    private readonly MinuteNotices _notices;
    private readonly ProducerQuotas _quotas;

    public ProducerQuotasTests()
    {
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(call =>
        {
            _published.AddRange(call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>().Select(encoded => JsonElement.Parse(encoded.Span)));
            return Task.CompletedTask;
        });
        _notices = TestNotices.Over(_topic, _time, _unpublished);
        _quotas = Quotas();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private ProducerQuotas Quotas(int? byDefault = null) => new(_time, Options.Create(new QuotaOptions { EventsPerMinute = byDefault }), new QuotaNotices(_notices, _log), TestMetrics.Create());

    private static Producer Producer(string name = "p", int? quota = 60) => new() { Name = name, Source = "/" + name, EventsPerMinute = quota };

    private static List<Producer> Events(int count, Producer? producer = null) => [.. Enumerable.Repeat(producer ?? Producer(), count)];

    [Fact]
    public void As_many_events_as_the_quota_fit_at_once_and_then_as_many_as_the_time_allows()
    {
        Assert.Null(_quotas.Take(Events(60)));

        Assert.Equal(new QuotaExcess("p", 60, 1, 0, TimeSpan.FromSeconds(1)), _quotas.Take(Events(1)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(new QuotaExcess("p", 60, 12, 10, TimeSpan.FromSeconds(2)), _quotas.Take(Events(12)));
        Assert.Null(_quotas.Take(Events(10)));

        _time.Advance(TimeSpan.FromHours(1));
        Assert.Null(_quotas.Take(Events(60)));
        Assert.NotNull(_quotas.Take(Events(1)));
    }

    [Fact]
    public void A_request_of_several_producers_is_counted_whole_or_not_at_all()
    {
        Assert.Equal("q", _quotas.Take([.. Events(50), .. Events(11, Producer("q", 10))])!.Producer);

        Assert.Null(_quotas.Take([.. Events(60), .. Events(10, Producer("q", 10)), .. Events(1_000, Producer("free", null))]));
    }

    [Fact]
    public void A_batch_that_never_fits_is_not_asked_to_come_again() =>
        Assert.Equal(new QuotaExcess("p", 60, 61, 60, RetryAfter: null), _quotas.Take(Events(61)));

    [Fact]
    public void The_default_holds_for_producers_without_a_quota_and_is_off_unless_it_is_set()
    {
        var quotas = Quotas(byDefault: 5);

        Assert.Equal(5, quotas.Take(Events(6, Producer("p", null)))!.EventsPerMinute);
        Assert.Null(quotas.Take(Events(60, Producer("q"))));
        Assert.Null(_quotas.Take(Events(1_000_000, Producer("p", null))));
    }

    [Fact]
    public void A_quota_that_is_raised_or_lowered_counts_at_once()
    {
        Assert.Null(_quotas.Take(Events(60)));
        Assert.Null(_quotas.Take(Events(40, Producer(quota: 100))));
        Assert.NotNull(_quotas.Take(Events(1, Producer(quota: 100))));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(_quotas.Take(Events(11, Producer(quota: 10))));
        Assert.Null(_quotas.Take(Events(10, Producer(quota: 10))));
    }

    [Fact]
    public void A_page_of_a_feed_is_taken_whole_and_delays_the_next()
    {
        _quotas.Charge(Producer(), 90);

        Assert.Equal(TimeSpan.FromSeconds(31), _quotas.WaitOf(Producer()));
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(TimeSpan.Zero, _quotas.WaitOf(Producer()));
        Assert.Equal(TimeSpan.Zero, _quotas.WaitOf(Producer("free", null)));
    }

    [Fact]
    public void Producers_that_send_nothing_any_more_are_forgotten()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _quotas.Take(Events(1, Producer($"p{i}")));
        }

        Assert.InRange(_quotas.Count, 1, 1_000);
    }

    [Fact]
    public async Task An_excess_is_published_and_logged_once_a_minute_under_the_ID_of_the_minute()
    {
        for (var i = 0; i < 20; i++)
        {
            _quotas.Take(Events(61));
        }

        await _notices.LastPublication;
        var first = Assert.Single(_published);
        Assert.Equal("eventfunctions.quota.exceeded", first.GetProperty("type").GetString());
        Assert.Equal("""{"producer":"p","source":"/p","eventsPerMinute":60}""", first.GetProperty("data").GetRawText());
        Assert.Equal("The producer p exceeds its quota of 60 events per minute.", Assert.Single(_log.Lines).Text);

        _time.Advance(TimeSpan.FromSeconds(29));
        _quotas.Take(Events(61));
        Assert.Single(_published);

        _time.Advance(TimeSpan.FromSeconds(1));
        _quotas.Take(Events(61));
        await _notices.LastPublication;
        Assert.Equal(["quota-p-1795426200000", "quota-p-1795426260000"], _published.Select(one => one.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task A_topic_that_fails_fails_no_request()
    {
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(Task.FromException(new PublishException(PublishFailure.Unavailable, "down")));

        Assert.NotNull(_quotas.Take(Events(61)));

        await _notices.LastPublication;
        Assert.Contains(_unpublished.Lines, line => line.Text == "Could not publish the notice eventfunctions.quota.exceeded p.");
    }
}
