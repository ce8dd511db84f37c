using EventFunctions.Local.EventGrid;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.EventGrid;

public sealed class RestartTests
{
    [Fact]
    public async Task Each_delivery_goes_on_where_it_stood()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(500, 500, 200);
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { Topics = [TestGrid.CloudEventsTopic(TestGrid.Function(subscriber))] }, time);
        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);

        await grid.RestartAsync();
        Assert.Equal(1, grid.Status.Pending);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Single(subscriber.Requests);
        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return subscriber.Requests.Count == 2 && grid.Status.FailedAttempts == 1;
        });
        await grid.RestartAsync();
        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return grid.Status.Delivered == 1;
        });

        Assert.Equal(["0", "1", "2"], subscriber.Requests.Select(r => r.Headers["aeg-delivery-count"]));
        await grid.RestartAsync();
        Assert.Equal(0, grid.Status.Pending);
    }

    [Fact]
    public async Task A_backlog_larger_than_memory_is_worked_off_after_a_restart_while_publishing_goes_on()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var isUp = false;
        subscriber.Answer = (request, context) =>
        {
            if (request.Method == "OPTIONS" && Volatile.Read(ref isUp))
            {
                context.Response.Headers["WebHook-Allowed-Origin"] = "*";
            }

            return Task.CompletedTask;
        };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            HandshakeInterval = TimeSpan.FromMilliseconds(20),
            MaxEventsInMemory = 64,
            DeliveryConcurrency = 8,
            Topics = [TestGrid.CloudEventsTopic(TestGrid.Webhook(subscriber))],
        });
        var ids = Enumerable.Range(0, 3000).Select(i => $"{i}").ToArray();
        foreach (var some in ids[..2000].Chunk(500))
        {
            await grid.PublishAsync(some);
        }

        Assert.Equal(2000, grid.Status.Pending);
        await grid.RestartAsync();
        Assert.Equal(2000, grid.Status.Pending);
        Volatile.Write(ref isUp, true);
        foreach (var some in ids[2000..].Chunk(10))
        {
            await grid.PublishAsync(some);
        }

        await Eventually.Holds(() => grid.Status.Pending == 0, () => grid.Status.ToString());
        Assert.Equal(ids.Order(), subscriber.Ids.Order());
    }

    [Fact]
    public async Task Deliveries_that_are_on_their_way_at_the_stop_finish()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var answer = new TaskCompletionSource();
        subscriber.Answer = (_, _) => answer.Task;
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));
        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => subscriber.Requests.Count == 1);

        var restarting = grid.RestartAsync();
        Assert.False(restarting.IsCompleted);
        answer.SetResult();
        await restarting;

        Assert.Equal(0, grid.Status.Pending);
        Assert.Equal(["1"], subscriber.Ids);
    }

    [Fact]
    public async Task A_subscription_finds_its_events_again_whatever_else_changes_in_the_configuration()
    {
        await using var first = await TestSubscriber.StartAsync();
        await using var second = await TestSubscriber.StartAsync();
        first.AnswerWith(500);
        second.AnswerWith(500);
        var topics = new List<TopicResource> { TestGrid.CloudEventsTopic(TestGrid.Function(first, "first"), TestGrid.Function(second, "second")) };
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions { Topics = topics, RetryScale = 0.001 });
        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Grid.Status.All(s => s.FailedAttempts > 0));

        topics[0] = TestGrid.CloudEventsTopic(TestGrid.Function(first, "new"), TestGrid.Function(second, "second"));
        second.AnswerWith(200);
        await grid.RestartAsync();

        await Eventually.Holds(() => grid.Grid.Status.Single(s => s.Subscription == "second").Delivered == 1);
        Assert.Equal(0, grid.Grid.Status.Single(s => s.Subscription == "new").Pending);

        topics[0] = TestGrid.CloudEventsTopic(TestGrid.Function(first, "first"));
        first.AnswerWith(200);
        await grid.RestartAsync();
        await Eventually.Holds(() => grid.Status.Delivered == 1);
    }
}
