using System.Collections.Concurrent;
using System.Diagnostics;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Queues;

/// <summary>What every queue has to do. Each test has a queue of its own.</summary>
public abstract class MessageQueueConformance
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    // Storage queues count in whole seconds.
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    private readonly string _queue = $"q{Guid.NewGuid():N}";

    public static TheoryData<string> Texts =>
    [
        "webhook/msg_1",
        " leading and trailing white space \r\n",
        """{"a":"<b>&amp;\"'"}""",
        "zażółć 東京 🚀 \u2028 \u0000 \u0001 \uFEFF",
        "aGVsbG8=",
        new string('x', IMessageQueue.MaxMessageBytes),
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_text_comes_out_as_it_went_in(string text)
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, text, TimeSpan.Zero, Stop);

        var message = Assert.Single(await receiver.ClaimAsync(_queue, 32, Long, Stop));

        Assert.Equal(text, message.Text);
        Assert.Equal(1, message.DequeueCount);
    }

    [Fact]
    public async Task What_is_sent_is_claimed_whatever_the_order_and_no_more_than_asked_for()
    {
        var (queue, receiver) = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => queue.SendAsync(_queue, $"{i}", TimeSpan.Zero, Stop)));

        var first = await receiver.ClaimAsync(_queue, 32, Long, Stop);
        var second = await receiver.ClaimAsync(_queue, 32, Long, Stop);

        Assert.Equal((32, 8), (first.Count, second.Count));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}").Order(), first.Concat(second).Select(m => m.Text).Order());
        Assert.Empty(await receiver.ClaimAsync(_queue, 32, Long, Stop));
    }

    [Fact]
    public async Task A_queue_that_nobody_sent_to_is_empty()
    {
        var (_, receiver) = await OpenAsync();

        Assert.Empty(await receiver.ClaimAsync(_queue, 32, Long, Stop));
    }

    [Fact]
    public async Task Queues_are_apart()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);

        Assert.Empty(await receiver.ClaimAsync(_queue + "-b", 32, Long, Stop));
        Assert.Single(await receiver.ClaimAsync(_queue, 32, Long, Stop));
    }

    [Fact]
    public async Task A_delayed_message_is_nobodys_before_its_time_and_holds_up_no_other()
    {
        var (queue, receiver) = await OpenAsync();
        var clock = Stopwatch.StartNew();
        await queue.SendAsync(_queue, "later", TimeSpan.FromSeconds(2), Stop);
        await queue.SendAsync(_queue, "now", TimeSpan.Zero, Stop);

        Assert.Equal("now", Assert.Single(await receiver.ClaimAsync(_queue, 32, Long, Stop)).Text);
        Assert.Equal("later", (await NextAsync(receiver)).Text);
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(1.9), $"after {clock.Elapsed}");
    }

    [Fact]
    public async Task A_message_whose_receiver_died_comes_again_and_is_counted()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);
        var lost = Assert.Single(await receiver.ClaimAsync(_queue, 1, Short, Stop));

        var again = await NextAsync(receiver);

        Assert.Equal(("1", 2), (again.Text, again.DequeueCount));
        Assert.False(await receiver.CompleteAsync(lost, Stop));
        Assert.Null(await receiver.RenewAsync(lost, Long, Stop));
        Assert.False(await receiver.ReturnAsync(lost, TimeSpan.Zero, Stop));
        Assert.True(await receiver.CompleteAsync(again, Stop));
    }

    [Fact]
    public async Task A_completed_message_never_comes_again()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);
        await queue.SendAsync(_queue, "2", TimeSpan.Zero, Stop);
        var messages = await receiver.ClaimAsync(_queue, 32, Short, Stop);

        Assert.True(await receiver.CompleteAsync(messages.Single(m => m.Text == "1"), Stop));

        Assert.Equal("2", (await NextAsync(receiver)).Text);
        Assert.False(await receiver.CompleteAsync(messages.Single(m => m.Text == "1"), Stop));
        Assert.Empty(await receiver.ClaimAsync(_queue, 32, Long, Stop));
    }

    [Fact]
    public async Task A_renewed_message_stays_its_receivers_and_can_be_completed()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);
        await queue.SendAsync(_queue, "2", TimeSpan.Zero, Stop);
        var messages = await receiver.ClaimAsync(_queue, 32, Short, Stop);

        var renewed = await receiver.RenewAsync(messages.Single(m => m.Text == "1"), Long, Stop);

        Assert.Equal("2", (await NextAsync(receiver)).Text);
        Assert.Empty(await receiver.ClaimAsync(_queue, 32, Long, Stop));
        Assert.True(await receiver.CompleteAsync(renewed!, Stop));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_returned_message_comes_again_after_its_delay(int seconds)
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);
        var message = Assert.Single(await receiver.ClaimAsync(_queue, 1, Long, Stop));
        var clock = Stopwatch.StartNew();

        Assert.True(await receiver.ReturnAsync(message, TimeSpan.FromSeconds(seconds), Stop));

        Assert.Equal(2, (await NextAsync(receiver)).DequeueCount);
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(seconds * 0.95), $"after {clock.Elapsed}");
    }

    [Fact]
    public async Task A_message_set_aside_is_in_the_poison_queue_as_new()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "zażółć", TimeSpan.Zero, Stop);
        var message = Assert.Single(await receiver.ClaimAsync(_queue, 1, Long, Stop));

        Assert.True(await receiver.SetAsideAsync(message, Stop));

        var aside = Assert.Single(await receiver.ClaimAsync(_queue + "-poison", 32, Long, Stop));
        Assert.Equal(("zażółć", 1), (aside.Text, aside.DequeueCount));
        Assert.False(await receiver.CompleteAsync(message, Stop));
    }

    [Fact]
    public async Task Concurrent_receivers_get_a_message_once()
    {
        var (queue, receiver) = await OpenAsync();
        var seen = new ConcurrentQueue<string>();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => queue.SendAsync(_queue, $"{i}", TimeSpan.Zero, Stop)));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(ReceiveAsync, Stop)));

        Assert.Equal(200, seen.Count);
        Assert.Equal(200, seen.Distinct().Count());

        async Task ReceiveAsync()
        {
            while (await receiver.ClaimAsync(_queue, 7, Long, Stop) is { Count: > 0 } messages)
            {
                foreach (var message in messages)
                {
                    seen.Enqueue(message.Text);
                    Assert.True(await receiver.CompleteAsync(message, Stop));
                }
            }
        }
    }

    [Fact]
    public async Task Who_waits_is_woken_by_what_is_sent()
    {
        var (queue, receiver) = await OpenAsync();
        var waiting = receiver.WaitAsync(_queue, Stop);
        await queue.SendAsync(_queue, "1", TimeSpan.Zero, Stop);

        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Stop);

        Assert.Single(await receiver.ClaimAsync(_queue, 1, Long, Stop));
    }

    [Fact]
    public async Task Who_waits_is_woken_by_what_becomes_due_is_returned_or_set_aside()
    {
        var (queue, receiver) = await OpenAsync();
        await queue.SendAsync(_queue, "1", Short, Stop);

        var message = await WaitForAsync(receiver, _queue);
        var waiting = WaitForAsync(receiver, _queue);
        await receiver.ReturnAsync(message, TimeSpan.Zero, Stop);
        message = await waiting;
        waiting = WaitForAsync(receiver, _queue + IMessageReceiver.PoisonSuffix);
        await receiver.SetAsideAsync(message, Stop);

        Assert.Equal("1", (await waiting).Text);
    }

    [Theory]
    [InlineData("Orders", "1", 0)]
    [InlineData("ab", "1", 0)]
    [InlineData("orders-", "1", 0)]
    [InlineData("or--ders", "1", 0)]
    [InlineData("orders\n", "1", 0)]
    [InlineData("orders", "", 0)]
    [InlineData("orders", "1", -1)]
    [InlineData("orders", "1", 169)]
    public async Task What_no_queue_takes_is_refused(string name, string text, int hours)
    {
        var (queue, _) = await OpenAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => queue.SendAsync(name, text, TimeSpan.FromHours(hours), Stop));
    }

    [Fact]
    public async Task Half_a_character_is_refused_since_it_would_come_out_as_another()
    {
        var (queue, _) = await OpenAsync();

        await Assert.ThrowsAnyAsync<ArgumentException>(() => queue.SendAsync(_queue, "a\uD800b", TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused()
    {
        var (queue, _) = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(
            () => queue.SendAsync(_queue, new string('ż', (IMessageQueue.MaxMessageBytes / 2) + 1), TimeSpan.Zero, Stop));
    }

    protected abstract Task<(IMessageQueue Queue, IMessageReceiver Receiver)> OpenAsync();

    private static async Task<ClaimedMessage> WaitForAsync(IMessageReceiver receiver, string queue)
    {
        while (true)
        {
            if (await receiver.ClaimAsync(queue, 1, Long, Stop) is [var message])
            {
                return message;
            }

            await receiver.WaitAsync(queue, Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop);
        }
    }

    private async Task<ClaimedMessage> NextAsync(IMessageReceiver receiver)
    {
        IReadOnlyList<ClaimedMessage> messages = [];
        await Poll.UntilAsync(async () => (messages = await receiver.ClaimAsync(_queue, 1, Long, Stop)).Count > 0, () => "no message");
        return messages[0];
    }
}
