using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Feeds;

public sealed class LeaseTests
{
    [Fact]
    public async Task Two_instances_at_once_read_a_feed_once()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add([.. Enumerable.Range(0, 50).Select(i => $"e-{i:D2}")]);
        feed.PageSize = 5;

        var ticks = Task.WhenAll(feed.TickAsync(feed.Instance()), feed.TickAsync(feed.Instance()), feed.TickAsync(feed.Instance()));
        await Poll.UntilAsync(() => feed.Requests.Count >= 11, () => $"{feed.Requests.Count} requests");

        // Those who wait for the lease of the first find that there is nothing to do.
        await Poll.UntilAsync(
            () =>
            {
                feed.Time.Advance(TimeSpan.FromSeconds(1));
                return ticks.IsCompleted;
            },
            () => "Somebody waits.");
        await ticks;

        Assert.Equal(50, (await feed.RecordedAsync()).Count);
        Assert.Equal(11, feed.Requests.Count);
    }

    [Fact]
    public async Task A_holder_that_dies_is_followed_when_its_lease_is_over_within_the_same_tick()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        var dead = new HookedDocuments(feed.Documents) { BeforeReplace = _ => throw new InvalidOperationException("killed") };
        await feed.TickAsync(feed.Instance(dead));
        feed.Requests.Clear();

        var tick = feed.TickAsync();
        await Poll.UntilAsync(
            () =>
            {
                // Not beyond the tick: what it has not begun by then, it leaves.
                feed.Time.Advance(feed.Time.GetUtcNow() < FeedScenario.Start.AddSeconds(30) ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
                return !feed.Requests.IsEmpty;
            },
            () => "Nobody follows.");
        await tick;

        Assert.Equal(FeedScenario.Start.AddSeconds(30), feed.Time.GetUtcNow());
        Assert.Equal("1", await feed.CursorAsync());
    }

    [Fact]
    public async Task A_holder_that_lost_its_lease_does_not_move_the_cursor()
    {
        await using var feed = await FeedScenario.StartAsync("0 0 0 1 1 *", ("Feeds:TickBudget", "00:10:00"));
        feed.Add("1", "2");
        feed.PageSize = 1;
        var second = feed.Instance();
        var isFirst = true;
        feed.Instead = async _ =>
        {
            if (isFirst)
            {
                // The first instance is held up with a page in its hands; meanwhile its lease runs out and another reads on.
                isFirst = false;
                feed.Time.Advance(TimeSpan.FromSeconds(31));
                await feed.TickAsync(second);
                feed.Add("3");
            }

            return false;
        };

        await feed.TickAsync(feed.Instance());

        Assert.Equal("2", await feed.CursorAsync());
        Assert.Equal(["1", "2"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task A_holder_that_works_for_long_keeps_its_lease()
    {
        await using var feed = await FeedScenario.StartAsync("0 0 0 1 1 *", ("Feeds:TickBudget", "00:10:00"));
        feed.Add("1", "2", "3", "4", "5");
        feed.PageSize = 1;
        feed.Instead = _ =>
        {
            feed.Time.Advance(TimeSpan.FromSeconds(20));
            return Task.FromResult(false);
        };
        var others = new List<int>();
        feed.Documents.BeforeReplace = async body =>
        {
            if (body.Contains("lastEventId", StringComparison.Ordinal))
            {
                var state = await feed.StateAsync();
                others.Add(state.GetProperty("heldUntil").GetDateTimeOffset() > feed.Time.GetUtcNow() ? 0 : 1);
            }
        };

        await feed.TickAsync();

        Assert.Equal(5, (await feed.RecordedAsync()).Count);
        Assert.DoesNotContain(1, others);
    }
}
