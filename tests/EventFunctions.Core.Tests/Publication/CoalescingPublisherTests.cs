using System.Diagnostics;
using System.Text;
using EventFunctions.Publication;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Publication;

public sealed class CoalescingPublisherTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_finds_a_free_place_leaves_at_once()
    {
        var topic = new TopicDouble();

        await Publisher(topic).PublishAsync(Event("a"), Cancellation);

        Assert.Equal(["a"], Assert.Single(topic.Requests));
    }

    [Fact]
    public async Task What_waits_for_a_place_leaves_together_in_the_order_it_came()
    {
        var (topic, publisher, first, gate) = await BusyAsync();

        var rest = Enumerable.Range(0, 100).Select(i => publisher.PublishAsync(Event($"e{i}"), Cancellation)).ToList();
        gate.SetResult();
        await Task.WhenAll([first, .. rest]);

        Assert.Equal(2, topic.Requests.Count);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"e{i}"), topic.Requests[1]);
    }

    [Fact]
    public async Task No_more_requests_than_allowed_are_on_their_way()
    {
        var topic = new TopicDouble();
        int now = 0, most = 0;
        topic.Answer = async (_, _) =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            await Task.Yield();
            Interlocked.Decrement(ref now);
        };
        var publisher = Publisher(topic, new PublicationOptions { MaxConcurrentRequests = 3, MaxEventsPerRequest = 2 });

        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => publisher.PublishAsync(Event($"e{i}"), Cancellation), Cancellation)));

        Assert.InRange(most, 1, 3);
        Assert.Equal(500, topic.Taken.Count);
        Assert.All(topic.Requests, r => Assert.InRange(r.Length, 1, 2));
    }

    [Fact]
    public async Task A_request_never_has_more_bytes_than_the_topic_takes()
    {
        var (topic, publisher, first, gate) = await BusyAsync();

        // With brackets and comma exactly the limit, then one byte more.
        int[] sizes = [499_999, 499_998, 499_999, 499_999, 999_998, 10];
        var rest = sizes.Select(size => publisher.PublishAsync(Event(new string('x', size)), Cancellation)).ToList();
        gate.SetResult();
        await Task.WhenAll([first, .. rest]);

        Assert.Equal([2, 1, 1, 1, 1], topic.Requests.Skip(1).Select(r => r.Length));
        Assert.All(topic.Requests, r => Assert.InRange(r.Sum(e => e.Length) + r.Length + 1, 1, IEventPublisher.MaxBytes));
    }

    [Fact]
    public async Task Of_two_events_in_a_rejected_request_the_good_one_is_published()
    {
        var (topic, publisher, first, gate) = await BusyAsync();
        topic.Answer = TopicDouble.Rejecting("bad");

        var bad = publisher.PublishAsync(Event("bad"), Cancellation);
        var good = publisher.PublishAsync(Event("good"), Cancellation);
        gate.SetResult();
        await Task.WhenAll(first, good);

        await Assert.ThrowsAsync<PublishException>(() => bad);
        Assert.Equal([["first"], ["bad", "good"], ["bad"], ["good"]], topic.Requests);
    }

    [Fact]
    public async Task A_rejected_request_is_split_down_to_the_events_at_fault()
    {
        var (topic, publisher, first, gate) = await BusyAsync();
        topic.Answer = TopicDouble.Rejecting("bad");

        var rest = Enumerable.Range(0, 64)
            .Select(i => (Name: i is 7 or 40 ? $"bad{i}" : $"good{i}", i))
            .ToDictionary(e => e.Name, e => publisher.PublishAsync(Event(e.Name), Cancellation));
        gate.SetResult();
        await first;
        foreach (var (name, publication) in rest.Where(e => e.Key.StartsWith("good", StringComparison.Ordinal)))
        {
            await publication;
        }

        var one = await Assert.ThrowsAsync<PublishException>(() => rest["bad7"]);
        var other = await Assert.ThrowsAsync<PublishException>(() => rest["bad40"]);
        Assert.Equal([PublishFailure.Rejected, PublishFailure.Rejected], [one.Failure, other.Failure]);
        Assert.Equal(63, topic.Taken.Distinct().Count());
        Assert.Equal(63, topic.Taken.Count);
    }

    [Fact]
    public async Task A_topic_that_does_not_answer_in_time_is_unavailable()
    {
        var topic = new TopicDouble { Answer = (_, cancelled) => Task.Delay(Timeout.InfiniteTimeSpan, cancelled) };
        var time = new FakeTimeProvider();
        var publication = Publisher(topic, time: time).PublishAsync(Event("a"), Cancellation);
        await UntilAsync(() => topic.Requests.Count == 1);

        time.Advance(TimeSpan.FromSeconds(10));

        var error = await Assert.ThrowsAsync<PublishException>(() => publication);
        Assert.Equal((PublishFailure.Unavailable, "The topic did not respond within 00:00:10."), (error.Failure, error.Message));
    }

    [Fact]
    public async Task Any_other_error_is_reported_as_a_topic_that_is_unavailable()
    {
        var topic = new TopicDouble { Answer = (_, _) => throw new InvalidOperationException() };

        var error = await Assert.ThrowsAsync<PublishException>(() => Publisher(topic).PublishAsync(Event("a"), Cancellation));

        Assert.Equal(PublishFailure.Unavailable, error.Failure);
        Assert.IsType<InvalidOperationException>(error.InnerException);
    }

    [Fact]
    public async Task A_failed_request_does_not_keep_the_next_from_leaving()
    {
        var topic = new TopicDouble { Answer = TopicDouble.Failing(PublishFailure.Unavailable) };
        var publisher = Publisher(topic, new PublicationOptions { MaxConcurrentRequests = 1 });
        await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync(Event("a"), Cancellation));
        topic.Answer = (_, _) => Task.CompletedTask;

        await publisher.PublishAsync(Event("b"), Cancellation);

        Assert.Equal(["b"], topic.Taken);
    }

    [Fact]
    public async Task An_event_withdrawn_while_it_waits_is_never_sent()
    {
        var (topic, publisher, first, gate) = await BusyAsync();
        using var patience = new CancellationTokenSource();
        var withdrawn = publisher.PublishAsync(Event("withdrawn"), patience.Token);
        var kept = publisher.PublishAsync(Event("kept"), Cancellation);

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        gate.SetResult();
        await Task.WhenAll(first, kept);

        Assert.Equal(["first", "kept"], topic.Taken);
    }

    [Fact]
    public async Task When_too_much_waits_the_next_event_is_turned_away_at_once()
    {
        var (topic, publisher, first, gate) = await BusyAsync(new PublicationOptions { MaxConcurrentRequests = 1, MaxWaitingBytes = 10 });
        var waiting = publisher.PublishAsync(Event("12345678"), Cancellation);

        var error = await Assert.ThrowsAsync<PublishException>(() => publisher.PublishAsync(Event("abc"), Cancellation));

        Assert.Equal(PublishFailure.Unavailable, error.Failure);
        gate.SetResult();
        await Task.WhenAll(first, waiting);
        await publisher.PublishAsync(Event("abc"), Cancellation);
        Assert.Equal(["first", "12345678", "abc"], topic.Taken);
    }

    [Fact]
    public async Task Requests_do_not_run_within_the_trace_of_whoever_came_first()
    {
        var topic = new TopicDouble();
        var seen = new TaskCompletionSource<Activity?>();
        topic.Answer = (_, _) =>
        {
            seen.TrySetResult(Activity.Current);
            return Task.CompletedTask;
        };
        using var activity = new Activity("request").Start();

        await Publisher(topic).PublishAsync(Event("a"), Cancellation);

        Assert.Null(await seen.Task);
    }

    private static CoalescingPublisher Publisher(TopicDouble topic, PublicationOptions? options = null, TimeProvider? time = null) =>
        TestPublisher.Over(topic.Port, time ?? new FakeTimeProvider(), options);

    private static ReadOnlyMemory<byte> Event(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A publisher whose only request is on its way until the gate is opened.</summary>
    private static async Task<(TopicDouble Topic, CoalescingPublisher Publisher, Task First, TaskCompletionSource Gate)> BusyAsync(PublicationOptions? options = null)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var topic = new TopicDouble { Answer = async (events, _) => await (events is ["first"] ? gate.Task : Task.CompletedTask) };
        var publisher = Publisher(topic, options ?? new PublicationOptions { MaxConcurrentRequests = 1 });
        var first = publisher.PublishAsync(Event("first"), Cancellation);
        await UntilAsync(() => topic.Requests.Count == 1);
        return (topic, publisher, first, gate);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(1, deadline.Token);
        }
    }
}
