using System.Collections.Concurrent;
using EventFunctions.Local.Hosting;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace EventFunctions.Tests.Hosting;

public sealed class QueueRunnerTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly ListLogger<QueueRunner> _log = new();
    private readonly Calls _calls = new();
    private readonly QueueSettings _settings = new() { BatchSize = 4, NewBatchThreshold = 2, VisibilityTimeout = TimeSpan.FromMilliseconds(50), MaxDequeueCount = 3 };
    private SqliteEventStore _file;
    private SqliteMessageQueue _queue;

    public QueueRunnerTests()
    {
        _file = OpenFile();
        _queue = new SqliteMessageQueue(_file, TimeProvider.System);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_runs_once_for_each_message_and_the_queue_is_empty_then()
    {
        await SendAsync("1", "2", "3");
        using var runner = await StartAsync<Orders>();
        await SeenAsync("1", "2", "3");
        await SendAsync("4");
        await SeenAsync("1", "2", "3", "4");
        await runner.StopAsync(Cancellation);

        Assert.Empty(await LeftAsync("orders"));
    }

    [Fact]
    public async Task No_more_run_at_once_than_host_json_allows_and_others_follow()
    {
        _calls.Gate = new();
        var all = Enumerable.Range(0, 20).Select(i => $"{i}").ToArray();
        await SendAsync(all);
        using var runner = await StartAsync<Orders>();
        await Poll.UntilAsync(() => _calls.Texts.Count == 4, () => $"{_calls.Texts.Count} run");
        Assert.Equal(4, _calls.Texts.Count);
        _calls.Gate.SetResult();

        await SeenAsync(all);
        Assert.InRange(_calls.MostAtOnce, 1, 6);
    }

    [Fact]
    public async Task A_message_that_fails_comes_again_and_goes_to_the_poison_queue_in_the_end()
    {
        _calls.Fail = text => text == "bad";
        await SendAsync("bad", "good");
        using var runner = await StartAsync<Orders>();

        await Poll.UntilAsync(async () => await _queue.ClaimAsync("orders-poison", 1, Hour, Cancellation) is [{ Text: "bad" }], () => "not set aside");

        Assert.Equal(["bad", "bad", "bad", "good"], _calls.Texts.Order());
        Assert.Contains(_log.Lines, line => line.Text.Contains("Moved the message to the queue orders-poison", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_failed_waits_as_long_as_host_json_says()
    {
        _calls.Fail = _ => true;
        await SendAsync("1");
        using var runner = await StartAsync<Orders>(_settings with { VisibilityTimeout = Hour });
        await Poll.UntilAsync(() => _log.Lines.Any(line => line.Text.Contains("retrying in 01:00:00", StringComparison.Ordinal)), () => "no failure");
        await runner.StopAsync(Cancellation);

        Assert.Equal(["1"], _calls.Texts);
        Assert.Empty(await LeftAsync("orders"));
        Assert.Empty(await LeftAsync("orders-poison"));
    }

    [Fact]
    public async Task A_message_that_killed_the_process_too_often_is_set_aside_without_another_call()
    {
        await SendAsync("deadly");
        for (var death = 0; death < 3; death++)
        {
            Assert.Single(await _queue.ClaimAsync("orders", 1, Hour, Cancellation));
            await RestartAsync();
        }

        using var runner = await StartAsync<Orders>();

        await Poll.UntilAsync(async () => await _queue.ClaimAsync("orders-poison", 1, Hour, Cancellation) is [{ Text: "deadly" }], () => "not set aside");
        Assert.Empty(_calls.Texts);
    }

    [Fact]
    public async Task What_fails_in_a_poison_queue_stays_there()
    {
        _calls.Fail = _ => _calls.Texts.Count < 6;
        await _queue.SendAsync("orders-poison", "1", TimeSpan.Zero, Cancellation);
        using var runner = await StartAsync<Poison>();

        await SeenAsync("1", "1", "1", "1", "1", "1");
    }

    [Fact]
    public async Task A_message_is_renewed_for_as_long_as_its_function_runs_and_removed_under_its_last_receipt()
    {
        _calls.Gate = new();
        var message = new ClaimedMessage("orders", "1", "0", "long", 1);
        var renewals = 0;
        var receiver = Receiver(_ => [message], _ => []);
        receiver.RenewAsync(message, default, Cancellation).ReturnsForAnyArgs(_ => message with { Receipt = $"{++renewals}" });
        using var runner = await StartAsync(typeof(Orders), _settings with { ClaimTime = TimeSpan.FromMilliseconds(30) }, receiver);
        await Poll.UntilAsync(() => renewals >= 3, () => $"{renewals} renewals");
        _calls.Gate.SetResult();
        await runner.StopAsync(Cancellation);

        Assert.Equal(["long"], _calls.Texts);
        await receiver.Received(1).CompleteAsync(message with { Receipt = $"{renewals}" }, Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task A_message_that_was_lost_meanwhile_is_left_to_who_has_it()
    {
        _calls.Gate = new();
        var message = new ClaimedMessage("orders", "1", "0", "long", 1);
        var receiver = Receiver(_ => [message], _ => []);
        var lost = new TaskCompletionSource();
        receiver.RenewAsync(message, default, Cancellation).ReturnsForAnyArgs(_ =>
        {
            lost.TrySetResult();
            return null as ClaimedMessage;
        });
        using var runner = await StartAsync(typeof(Orders), _settings with { ClaimTime = TimeSpan.FromMilliseconds(30) }, receiver);
        await lost.Task.WaitAsync(Cancellation);
        _calls.Gate.SetResult();
        await runner.StopAsync(Cancellation);

        await receiver.DidNotReceiveWithAnyArgs().CompleteAsync(message, Cancellation);
    }

    [Fact]
    public async Task What_is_cut_off_by_the_end_of_the_host_comes_at_once_with_the_next_start()
    {
        _calls.Gate = new();
        await SendAsync("1");
        using (var runner = await StartAsync<Orders>())
        {
            await SeenAsync("1");
            await runner.StopAsync(Cancellation);
        }

        _calls.Gate = null;
        using var next = await StartAsync<Orders>();

        await SeenAsync("1", "1");
    }

    [Fact]
    public async Task What_a_killed_process_had_claimed_is_run_after_the_restart()
    {
        await SendAsync("1", "2");
        Assert.Equal(2, (await _queue.ClaimAsync("orders", 32, Hour, Cancellation)).Count);
        await RestartAsync();
        using var runner = await StartAsync<Orders>();

        await SeenAsync("1", "2");
    }

    [Fact]
    public async Task Trouble_with_the_queue_stops_nothing()
    {
        var message = new ClaimedMessage("orders", "1", "1", "1", 1);
        var receiver = Receiver(_ => throw new StoreUnavailableException("away"), _ => [message], _ => [message with { Id = "2", Text = "2" }], _ => []);
        receiver.CompleteAsync(message, Cancellation).ReturnsForAnyArgs(_ => throw new StoreUnavailableException("away"), _ => true);
        using var runner = await StartAsync(typeof(Orders), _settings, receiver);

        await SeenAsync("1", "2");
        await runner.StopAsync(Cancellation);
        await receiver.ReceivedWithAnyArgs(2).CompleteAsync(message, Cancellation);
        await receiver.DidNotReceiveWithAnyArgs().ReturnAsync(message, Hour, Cancellation);
    }

    [Fact]
    public void The_settings_are_those_of_host_json() =>
        Assert.Equal(
            new QueueSettings { BatchSize = 32, NewBatchThreshold = 64, VisibilityTimeout = TimeSpan.FromSeconds(30), MaxDequeueCount = 100 },
            QueueSettings.OfHost());

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    private SqliteEventStore OpenFile() => new(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), TimeProvider.System, TimeSpan.FromMinutes(1), NullLogger.Instance);

    private async Task RestartAsync()
    {
        await _file.DisposeAsync();
        _file = OpenFile();
        _queue = new SqliteMessageQueue(_file, TimeProvider.System);
    }

    // Gives what is said, one after the other, and the last for ever.
    private static IMessageReceiver Receiver(params Func<NSubstitute.Core.CallInfo, IReadOnlyList<ClaimedMessage>>[] claims)
    {
        var receiver = Substitute.For<IMessageReceiver>();
        receiver.ClaimAsync("", 1, Hour, Cancellation).ReturnsForAnyArgs(claims[0], claims[1..]);
        receiver.WaitAsync("", Cancellation).ReturnsForAnyArgs(call => Task.Delay(10, call.Arg<CancellationToken>()));
        return receiver;
    }

    private Task SendAsync(params string[] texts) => Task.WhenAll(texts.Select(text => _queue.SendAsync("orders", text, TimeSpan.Zero, Cancellation)));

    private async Task<IReadOnlyList<string>> LeftAsync(string queue) =>
        [.. (await _queue.ClaimAsync(queue, 32, Hour, Cancellation)).Select(message => message.Text)];

    private Task SeenAsync(params string[] texts) => Poll.UntilAsync(
        () => _calls.Texts.Order(StringComparer.Ordinal).SequenceEqual(texts.Order(StringComparer.Ordinal)), () => string.Join(' ', _calls.Texts));

    private Task<QueueRunner> StartAsync<T>(QueueSettings? settings = null) => StartAsync(typeof(T), settings ?? _settings, _queue);

    private async Task<QueueRunner> StartAsync(Type function, QueueSettings settings, IMessageReceiver receiver)
    {
        var runner = new QueueRunner(
            FunctionCatalog.Find([function], TestServer.Settings()),
            receiver,
            settings,
            new ServiceCollection().AddSingleton(_calls).AddTransient(function).BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(),
            TimeProvider.System,
            new WorkInProgress(),
            _log);
        await runner.StartAsync(Cancellation);
        return runner;
    }

    internal sealed class Calls
    {
        private int _running;

        public ConcurrentQueue<string> Texts { get; } = [];

        public int MostAtOnce { get; private set; }

        public Func<string, bool> Fail { get; set; } = _ => false;

        public TaskCompletionSource? Gate { get; set; }

        public async Task TakeAsync(string text, CancellationToken cancellationToken)
        {
            lock (Texts)
            {
                MostAtOnce = Math.Max(MostAtOnce, ++_running);
            }

            try
            {
                Texts.Enqueue(text);
                await (Gate?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask);
                if (Fail(text))
                {
                    throw new InvalidOperationException("not now");
                }
            }
            finally
            {
                lock (Texts)
                {
                    _running--;
                }
            }
        }
    }

    internal sealed class Orders(Calls calls)
    {
        [Function(nameof(Orders))]
        public Task RunAsync([QueueTrigger("orders", Connection = "AzureWebJobsStorage")] string message, CancellationToken cancellationToken) =>
            calls.TakeAsync(message, cancellationToken);
    }

    internal sealed class Poison(Calls calls)
    {
        [Function(nameof(Poison))]
        public Task RunAsync([QueueTrigger("orders-poison", Connection = "AzureWebJobsStorage")] string message) => calls.TakeAsync(message, default);
    }
}
