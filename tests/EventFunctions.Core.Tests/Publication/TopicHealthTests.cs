using EventFunctions.Publication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Publication;

public sealed class TopicHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TopicDouble _topic = new();
    private readonly ListLogger<TopicHealth> _log = new();
    private readonly TopicHealth _health;
    private readonly CoalescingPublisher _publisher;

    public TopicHealthTests()
    {
        _health = new TopicHealth(_time, _log);
        _publisher = TestPublisher.Over(_topic.Port, _time, health: _health);
    }

    private IEnumerable<string> Told => _log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Text);

    [Fact]
    public async Task A_topic_that_nothing_was_sent_to_or_that_takes_what_is_sent_is_healthy()
    {
        Assert.True(_health.IsHealthy);

        await PublishAsync();

        Assert.True(_health.IsHealthy);
    }

    [Theory]
    [InlineData(PublishFailure.Unavailable)]
    [InlineData(PublishFailure.Denied)]
    public async Task A_topic_is_unhealthy_from_a_failure_to_the_next_publication_that_gets_through(PublishFailure failure)
    {
        _topic.Answer = TopicDouble.Failing(failure);
        await Assert.ThrowsAsync<PublishException>(PublishAsync);
        Assert.False(_health.IsHealthy);

        _topic.Answer = (_, _) => Task.CompletedTask;
        await PublishAsync();

        Assert.True(_health.IsHealthy);
    }

    [Fact]
    public async Task A_topic_that_does_not_answer_in_time_is_unhealthy()
    {
        _topic.Answer = (_, cancellation) => Task.Delay(Timeout.Infinite, cancellation);
        var publishing = PublishAsync();
        while (!publishing.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAsync<PublishException>(() => publishing);
        Assert.False(_health.IsHealthy);
    }

    [Fact]
    public async Task A_topic_that_refuses_one_event_for_what_it_is_has_answered()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Rejected);

        await Assert.ThrowsAsync<PublishException>(PublishAsync);

        Assert.True(_health.IsHealthy);
    }

    [Fact]
    public async Task An_old_failure_says_nothing_about_now()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        await Assert.ThrowsAsync<PublishException>(PublishAsync);

        _time.Advance(TopicHealth.MaxAge);
        Assert.False(_health.IsHealthy);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(_health.IsHealthy);
    }

    [Fact]
    public async Task A_topic_that_refuses_the_service_is_told_of_with_what_to_mend_once_and_again_while_it_lasts()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Denied);
        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<PublishException>(PublishAsync);
        }

        var told = Assert.Single(Told);
        Assert.StartsWith("Event Grid rejects this service's credentials: Not now. Check EventGrid:Endpoint and EventGrid:Key", told, StringComparison.Ordinal);
        Assert.Contains("EventGrid Data Sender", told, StringComparison.Ordinal);

        _time.Advance(TopicHealth.MaxAge);
        await Assert.ThrowsAsync<PublishException>(PublishAsync);
        Assert.Equal(2, Told.Count());
    }

    [Fact]
    public async Task A_topic_that_is_only_down_is_no_error_of_the_set_up()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);

        await Assert.ThrowsAsync<PublishException>(PublishAsync);

        Assert.Empty(Told);
    }

    private Task PublishAsync() => _publisher.PublishAsync("{}"u8.ToArray(), TestContext.Current.CancellationToken);
}
