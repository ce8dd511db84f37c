using System.Collections.Concurrent;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.EventGrid;
using EventFunctions.Tests.Telemetry;
using EventFunctions.Ticks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace EventFunctions.Tests.Ticks;

/// <summary>What a tick promises of its parts.</summary>
public sealed class ServiceTickTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(55);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IDocumentStore _documents = Substitute.For<IDocumentStore>();
    private readonly ConcurrentQueue<string> _ran = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_part_that_throws_stops_no_other_and_is_counted_as_failed()
    {
        using var counts = new MeasuredMetrics();
        var tick = Tick(
            counts, Part("first"), new("broken", Budget, _ => throw new InvalidOperationException("It broke.")), Part("last"));

        var results = await tick.RunAsync(Stop);

        Assert.Equal(["first completed", "broken failed", "last completed"], results.Select(Text));
        Assert.Equal("It broke.", results[1].Detail);
        Assert.Equal(["broken failed", "first completed", "last completed"], Runs(counts));
    }

    [Fact]
    public async Task A_part_that_blocks_its_thread_delays_no_other()
    {
        using var counts = new MeasuredMetrics();
        using var gate = new ManualResetEventSlim();
        var tick = Tick(
            counts,
            new("blocking", Budget, token =>
            {
                gate.Wait(token);
                return Task.CompletedTask;
            }),
            Part("other"));

        var running = tick.RunAsync(Stop);
        await Eventually.Holds(() => Runs(counts).Contains("other completed"));
        gate.Set();

        Assert.Equal(["blocking completed", "other completed"], (await running).Select(Text));
    }

    [Fact]
    public async Task A_part_that_hangs_is_cancelled_and_then_left_and_runs_again_only_after_it_has_ended()
    {
        using var counts = new MeasuredMetrics();
        var hang = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        var tick = Tick(
            counts,
            new("hanging", Budget, async token =>
            {
                await using var told = token.Register(cancelled.SetResult);
                await hang.Task;
            }),
            Part("other"));

        var first = tick.RunAsync(Stop);
        await Eventually.Holds(() => Runs(counts).Contains("other completed"));
        await AdvanceUntilAsync(first);
        await cancelled.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
        var second = await tick.RunAsync(Stop);
        hang.SetResult();

        Assert.Equal(["hanging overran", "other completed"], (await first).Select(Text));
        Assert.Equal(["hanging running", "other completed"], second.Select(Text));
        Assert.Equal(["hanging overran", "other completed", "other completed"], Runs(counts));
        await Poll.UntilAsync(async () => (await tick.RunAsync(Stop))[0].Outcome == TickOutcome.Completed, () => "The part does not run again.");
    }

    [Fact]
    public async Task A_part_that_stops_at_the_end_of_its_budget_is_counted_as_overrun()
    {
        using var counts = new MeasuredMetrics();
        var tick = Tick(counts, new TickPart("slow", Budget, token => Task.Delay(Timeout.InfiniteTimeSpan, token)));

        var running = tick.RunAsync(Stop);
        await AdvanceUntilAsync(running);

        Assert.Equal(["slow overran"], (await running).Select(Text));
    }

    [Fact]
    public async Task Two_ticks_at_once_run_each_part_once()
    {
        using var counts = new MeasuredMetrics();
        var gate = new TaskCompletionSource();
        var tick = Tick(counts, new TickPart("part", Budget, async _ =>
        {
            _ran.Enqueue("part");
            await gate.Task;
        }));

        var first = tick.RunAsync(Stop);
        await Eventually.Holds(() => !_ran.IsEmpty);
        var second = await tick.RunAsync(Stop);
        gate.SetResult();

        Assert.Equal(["part running"], second.Select(Text));
        Assert.Equal(["part completed"], (await first).Select(Text));
        Assert.Single(_ran);
    }

    [Fact]
    public async Task Metrics_are_flushed_at_the_end_also_if_every_part_fails_and_the_store_is_down()
    {
        using var counts = new MeasuredMetrics();
        _documents.UpsertAsync(Arg.Any<DocumentContainer>(), Arg.Any<Document>(), Arg.Any<CancellationToken>()).ThrowsAsync(new StoreUnavailableException("Down."));
        var flush = new Flush(() => _ran.Enqueue($"flush after {Runs(counts).Count}"));
        var broken = new TickPart("broken", Budget, _ => throw new StoreUnavailableException("Down."));

        await Flushing(counts, flush, broken).RunAsync(Stop);

        Assert.Equal(["flush after 1"], _ran);
    }

    [Fact]
    public async Task The_end_of_the_host_ends_the_parts()
    {
        using var counts = new MeasuredMetrics();
        using var end = new CancellationTokenSource();
        var tick = Tick(counts, new TickPart("part", Budget, async token =>
        {
            _ran.Enqueue("part");
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        }));

        var running = tick.RunAsync(end.Token);
        await Eventually.Holds(() => !_ran.IsEmpty);
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Empty(Runs(counts));
    }

    // As the metric has them.
    private static IReadOnlyList<string> Runs(MeasuredMetrics counts) =>
        [.. counts.AttributesOf("eventfunctions.tick.runs").Order(StringComparer.Ordinal)];

    private ServiceTick Tick(MeasuredMetrics counts, params TickPart[] parts) => Flushing(counts, null, parts);

    private ServiceTick Flushing(MeasuredMetrics counts, IMetricsFlush? flush, params TickPart[] parts) => new(
        parts, new TickLog(_documents, _time), counts.Metrics, _time, NullLogger<ServiceTick>.Instance, flush);

    private TickPart Part(string name) => new(name, Budget, _ =>
    {
        _ran.Enqueue(name);
        return Task.CompletedTask;
    });

    private async Task AdvanceUntilAsync(Task running)
    {
        while (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(running, Task.Delay(TimeSpan.FromMilliseconds(5), Stop));
        }
    }

    private static string Text(TickResult result) => $"{result.Part} {TickResult.NameOf(result.Outcome)}";

    private sealed class Flush(Action flushed) : IMetricsFlush
    {
        public Task FlushAsync(CancellationToken cancellationToken)
        {
            flushed();
            return Task.CompletedTask;
        }
    }
}
