using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

public sealed class FailureNoticesTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 9, 30, 30, TimeSpan.Zero));
    private readonly IEventPublisher _topic = Substitute.For<IEventPublisher>();
    private readonly List<JsonElement> _published = [];

    public FailureNoticesTests() => _topic.PublishAsync([], TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
    {
        _published.AddRange(call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>().Select(encoded => JsonElement.Parse(encoded.Span)));
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Events_that_fail_for_good_are_told_once_for_each_source_reason_and_minute()
    {
        var notices = TestNotices.Over(_topic, _time);
        var failures = new FailureNotices(new FailureLog(_time, NullLogger<FailureLog>.Instance), notices);
        async Task FailAsync(string source, string id, string reason)
        {
            failures.FailedForGood(new EventKey(source, id), reason, "a detail that may name a person");
            await notices.LastPublication;
        }

        await FailAsync("/s", "1", "dataNotFound");
        await FailAsync("/s", "2", "dataNotFound");
        failures.AttemptFailed(new EventKey("/s", "3"), "timeout", "again");
        await FailAsync("/s", "4", "schemaViolation");
        await FailAsync("/t", "5", "dataNotFound");
        _time.Advance(TimeSpan.FromMinutes(1));
        await FailAsync("/s", "6", "dataNotFound");

        Assert.Equal(
            ["/s dataNotFound", "/s schemaViolation", "/t dataNotFound", "/s dataNotFound"],
            _published.Select(one => one.GetProperty("data")).Select(data =>
                $"{data.GetProperty("source").GetString()} {data.GetProperty("reason").GetString()}"));
        Assert.All(_published, one => Assert.Equal(("eventfunctions.event.failed", "/eventfunctions"), (one.GetProperty("type").GetString(), one.GetProperty("source").GetString())));
        Assert.Equal(4, _published.Select(one => one.GetProperty("id").GetString()).Distinct().Count());
        Assert.DoesNotContain("person", string.Concat(_published), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_instance_tells_a_minute_in_the_same_bytes()
    {
        foreach (var id in new[] { "1", "2" })
        {
            var notices = TestNotices.Over(_topic, _time);
            new FailureNotices(new FailureLog(_time, NullLogger<FailureLog>.Instance), notices).FailedForGood(new EventKey("/s", id), "dataNotFound", "");
            await notices.LastPublication;
        }

        Assert.Equal(2, _published.Count);
        Assert.Single(_published.Select(one => one.GetRawText()).Distinct());
    }

    [Fact]
    public async Task Many_sources_that_fail_at_once_publish_a_hundred_events_a_minute()
    {
        var notices = TestNotices.Over(_topic, _time);
        var failures = new FailureNotices(new FailureLog(_time, NullLogger<FailureLog>.Instance), notices);
        for (var minute = 0; minute < 2; minute++)
        {
            for (var i = 0; i < 150; i++)
            {
                failures.FailedForGood(new EventKey($"/hubs/{i}", "1"), "dataNotFound", "");
                await notices.LastPublication;
            }

            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(200, _published.Count);
    }
}
