using System.Threading.Channels;
using EventFunctions.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Hosting;

public sealed class TimerRunnerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 1, TimeSpan.Zero);

    private readonly WatchedTime _time = new(Start);
    private readonly Ticks _ticks = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_timer_runs_when_its_schedule_says_so()
    {
        using var runner = await StartAsync();

        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(9), Cancellation);

        var tick = await _ticks.Channel.Reader.ReadAsync(Cancellation);
        Assert.Equal(Start + TimeSpan.FromSeconds(9), tick.At);
        Assert.False(tick.IsPastDue);
    }

    [Fact]
    public async Task A_call_that_fails_does_not_end_the_schedule()
    {
        _ticks.Fails = true;
        using var runner = await StartAsync();

        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(9), Cancellation);
        await _ticks.Channel.Reader.ReadAsync(Cancellation);
        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal(Start + TimeSpan.FromSeconds(19), (await _ticks.Channel.Reader.ReadAsync(Cancellation)).At);
    }

    [Fact]
    public async Task What_comes_due_while_a_call_runs_is_left_out()
    {
        _ticks.Release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var runner = await StartAsync();
        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(9), Cancellation);
        await _ticks.Channel.Reader.ReadAsync(Cancellation);

        _time.Advance(TimeSpan.FromSeconds(35));
        Assert.False(_ticks.Channel.Reader.TryRead(out _));
        _ticks.Release.SetResult();
        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(5), Cancellation);

        Assert.Equal(Start + TimeSpan.FromSeconds(49), (await _ticks.Channel.Reader.ReadAsync(Cancellation)).At);
        Assert.Equal(1, _ticks.MostAtOnce);
    }

    [Fact]
    public async Task A_call_that_comes_late_is_told_so()
    {
        using var runner = await StartAsync();

        await _time.AdvanceOnceWaitingAsync(TimeSpan.FromSeconds(15), Cancellation);

        Assert.True((await _ticks.Channel.Reader.ReadAsync(Cancellation)).IsPastDue);
    }

    [Fact]
    public async Task Stopping_ends_the_wait()
    {
        using var runner = await StartAsync();
        await _time.AdvanceOnceWaitingAsync(TimeSpan.Zero, Cancellation);

        await runner.StopAsync(Cancellation);

        Assert.True(runner.ExecuteTask!.IsCompletedSuccessfully);
    }

    private async Task<TimerRunner> StartAsync()
    {
        var services = new ServiceCollection().AddSingleton(_ticks).AddSingleton<TimeProvider>(_time).AddTransient<Functions>().BuildServiceProvider();
        var functions = FunctionCatalog.Find([typeof(Functions)], TestServer.Settings());
        var runner = new TimerRunner(functions, services.GetRequiredService<IServiceScopeFactory>(), _time, NullLogger<TimerRunner>.Instance);
        await runner.StartAsync(Cancellation);
        return runner;
    }

    internal sealed record Tick(DateTimeOffset At, bool IsPastDue);

    internal sealed class Ticks
    {
        private int _atOnce;

        public Channel<Tick> Channel { get; } = System.Threading.Channels.Channel.CreateUnbounded<Tick>();

        public bool Fails { get; set; }

        public TaskCompletionSource? Release { get; set; }

        public int MostAtOnce { get; private set; }

        public void Enter() => MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _atOnce));

        public void Leave() => Interlocked.Decrement(ref _atOnce);
    }

    internal sealed class Functions(Ticks ticks, TimeProvider time)
    {
        [Function("Tick")]
        public async Task Tick([TimerTrigger("*/10 * * * * *")] TimerInfo timer)
        {
            ticks.Enter();
            ticks.Channel.Writer.TryWrite(new Tick(time.GetUtcNow(), timer.IsPastDue));
            if (ticks.Fails)
            {
                throw new InvalidOperationException("as planned");
            }

            await (ticks.Release?.Task ?? Task.CompletedTask);
            ticks.Leave();
        }
    }

    // A clock that knows when somebody waits for it, so that no test moves it too early.
    internal sealed class WatchedTime(DateTimeOffset start) : TimeProvider
    {
        private readonly FakeTimeProvider _inner = new(start);
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override DateTimeOffset GetUtcNow() => _inner.GetUtcNow();

        public override long GetTimestamp() => _inner.GetTimestamp();

        public override long TimestampFrequency => _inner.TimestampFrequency;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = _inner.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        public void Advance(TimeSpan by) => _inner.Advance(by);

        public async Task AdvanceOnceWaitingAsync(TimeSpan by, CancellationToken cancellationToken)
        {
            await _waits.Reader.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10), cancellationToken);
            _inner.Advance(by);
        }
    }
}
