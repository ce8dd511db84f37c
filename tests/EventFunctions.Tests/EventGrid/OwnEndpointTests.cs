using EventFunctions.Local.EventGrid;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.EventGrid;

public sealed class OwnEndpointTests
{
    private const double Fast = 0.001;

    [Fact]
    public async Task An_own_endpoint_gets_events_without_a_request_and_its_status_decides()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(Options(subscriber, retryScale: Fast));
        var statuses = new Queue<int>([500, 429, 202]);
        var delivered = new List<string>();
        grid.Grid.UseOwnEndpoints(address => address.AbsoluteUri != subscriber.Url ? null : (events, _) =>
        {
            delivered.AddRange(events.Select(one => System.Text.Encoding.UTF8.GetString(one.Span)));
            return Task.FromResult(statuses.Dequeue());
        });

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status is { Delivered: 1, Pending: 0, FailedAttempts: 2 });
        Assert.Equal(3, delivered.Count);
        Assert.All(delivered, one => Assert.Equal("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"of":"1"}}""", one));
        Assert.Empty(subscriber.Requests);
    }

    [Fact]
    public async Task An_own_endpoint_has_30_seconds_as_well()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(Options(subscriber, retryScale: 1), time);
        var calls = 0;
        grid.Grid.UseOwnEndpoints(_ => (_, _) =>
        {
            Interlocked.Increment(ref calls);
            return new TaskCompletionSource<int>().Task;
        });

        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => Volatile.Read(ref calls) == 1);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(0, grid.Status.FailedAttempts);
        time.Advance(TimeSpan.FromSeconds(2));

        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);
    }

    [Fact]
    public async Task An_own_endpoint_that_throws_or_always_fails_leads_to_a_dead_letter()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var function = TestGrid.Function(subscriber);
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            RetryScale = Fast,
            Topics = [TestGrid.CloudEventsTopic(function with { Properties = function.Properties with { RetryPolicy = new() { MaxDeliveryAttempts = 2 } } })],
        });
        grid.Grid.UseOwnEndpoints(_ => (events, _) => events[0].Span.IndexOf("\"id\":\"throws\""u8) > 0
            ? throw new InvalidOperationException("An error of the host.")
            : Task.FromResult(503));

        await grid.PublishAsync(["throws", "fails"]);

        await Eventually.Holds(() => grid.Status is { DeadLettered: 2, Pending: 0 });
    }

    [Fact]
    public async Task An_invalid_event_is_refused_and_no_event_of_the_publication_is_taken()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(Options(subscriber, retryScale: 1));

        var refused = await Assert.ThrowsAsync<RefusedPublicationException>(() => grid.Grid.PublishAsync(
            "events",
            [
                """{"specversion":"1.0","id":"1","source":"/s","type":"t"}"""u8.ToArray(),
                """{"specversion":"1.0","id":"2","source":"/s"}"""u8.ToArray(),
            ]));

        Assert.Contains("type", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, grid.Status.Pending);
        Assert.Empty(subscriber.Requests);
    }

    private static LocalEventGridOptions Options(TestSubscriber subscriber, double retryScale) => new()
    {
        RetryScale = retryScale,
        Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))],
    };
}
