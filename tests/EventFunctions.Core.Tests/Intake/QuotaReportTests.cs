using EventFunctions.Intake.Quotas;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Intake;

public sealed class QuotaReportTests : IDisposable
{
    private static readonly Producer Sender = new() { Name = "policies", Source = "/insurance/policies", EventsPerMinute = 2 };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly TopicDouble _topic = new();
    private readonly MeasuredMetrics _measured = new();
    private readonly MinuteNotices _notices;
    private readonly ProducerQuotas _quotas;

    public QuotaReportTests()
    {
        _notices = TestNotices.Over(_topic.Port, _time);
        _quotas = new ProducerQuotas(_time, Options.Create(new QuotaOptions()), new QuotaNotices(_notices, NullLogger<QuotaNotices>.Instance), _measured.Metrics);
    }

    public void Dispose() => _measured.Dispose();

    [Fact]
    public async Task All_events_of_a_request_over_the_quota_are_counted_and_the_excess_is_published()
    {
        Assert.NotNull(_quotas.Take([Sender, Sender, Sender]));

        await _notices.LastPublication;
        Assert.Equal(["3 quotaExceeded"], _measured.Of("eventfunctions.events.refused"));
        Assert.Equal(["3 policies"], _measured.Of("eventfunctions.quota.exceeded"));
        Assert.Contains("eventfunctions.quota.exceeded", Assert.Single(_topic.Taken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_has_to_wait_for_its_quota_is_published_as_an_excess()
    {
        _quotas.Charge(Sender, 2);
        Assert.Empty(_topic.Taken);

        Assert.Equal(TimeSpan.FromSeconds(30), _quotas.WaitOf(Sender));

        await _notices.LastPublication;
        Assert.Contains("eventfunctions.quota.exceeded", Assert.Single(_topic.Taken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_of_the_service_itself_is_not_published_as_a_repetition()
    {
        _quotas.Take([Sender, Sender, Sender]);

        await _notices.LastPublication;
        Assert.DoesNotContain("\"replay\"", Assert.Single(_topic.Taken), StringComparison.Ordinal);
    }
}
