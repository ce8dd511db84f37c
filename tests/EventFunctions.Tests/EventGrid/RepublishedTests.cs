using EventFunctions.Local.EventGrid;
using EventFunctions.Sqlite;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.EventGrid;

/// <summary>A subscription whose publisher publishes lost events again: its events are in memory until an attempt fails.</summary>
public sealed class RepublishedTests
{
    [Fact]
    public async Task An_event_that_is_delivered_at_once_is_never_on_disk()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await StartAsync(TestGrid.Function(subscriber));
        using var written = new WriteCounter(grid.DatabasePath);

        await grid.PublishAsync(Enumerable.Range(0, 50).Select(i => $"{i}"));
        await Eventually.Holds(() => grid.Status.Delivered == 50);
        await grid.Grid.SettledAsync();

        Assert.Equal((0, 0), written.Take());
        Assert.Equal(0, grid.Status.Pending);
    }

    [Fact]
    public async Task An_event_whose_attempt_failed_is_on_disk_and_goes_on_after_a_restart()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.AnswerWith(500, 200);
        await using var grid = await StartAsync(TestGrid.Function(subscriber), time: time);
        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => grid.Status.FailedAttempts == 1);

        await grid.RestartAsync();

        Assert.Equal(1, grid.Status.Pending);
        await Eventually.Holds(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return grid.Status.Delivered == 1;
        });
        Assert.Equal(["0", "1"], subscriber.Requests.Select(request => request.Headers["aeg-delivery-count"]));
    }

    [Fact]
    public async Task Events_beyond_memory_and_those_not_tried_at_a_stop_are_on_disk()
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
        await using var grid = await StartAsync(TestGrid.Webhook(subscriber), maxInMemory: 4);
        await grid.PublishAsync(Enumerable.Range(0, 10).Select(i => $"{i}"));
        Assert.Equal(10, grid.Status.Pending);

        await grid.RestartAsync();
        Assert.Equal((10, false), (grid.Status.Pending, grid.Grid.MayHaveLost));
        Volatile.Write(ref isUp, true);
        await Eventually.Holds(() => grid.Status.Delivered == 10);

        Assert.Equal(10, subscriber.Requests.Where(request => request.Method == "POST").Select(request => request.Body).Distinct().Count());
    }

    [Fact]
    public async Task A_process_that_did_not_stop_in_order_may_have_lost_events()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await StartAsync(TestGrid.Function(subscriber));
        await grid.RestartAsync();
        Assert.False(grid.Grid.MayHaveLost);

        await grid.RestartAsync(() =>
        {
            using var file = new SqliteConnection(grid.DatabasePath, SqliteDatabase.BusyTimeout);
            using var crash = new SqliteStatement(file, "UPDATE session SET open = 1");
            Assert.Equal(1, crash.Run());
        });

        Assert.True(grid.Grid.MayHaveLost);
    }

    [Fact]
    public async Task A_new_file_may_take_the_place_of_one_that_had_events()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await StartAsync(TestGrid.Function(subscriber));

        Assert.True(grid.Grid.MayHaveLost);
    }

    private static Task<TestGrid> StartAsync(EventSubscriptionResource subscription, int maxInMemory = 1024, TimeProvider? time = null) => TestGrid.StartAsync(
        new LocalEventGridOptions
        {
            HandshakeInterval = TimeSpan.FromMilliseconds(20),
            MaxEventsInMemory = maxInMemory,
            Topics = [TestGrid.CloudEventsTopic(subscription with { IsRepublished = true })],
        },
        time);
}
