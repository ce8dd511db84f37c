using EventFunctions.Jobs;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using EventFunctions.Tests.Telemetry;
using EventFunctions.Ticks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Ticks;

/// <summary>Instances that notice a timer which does not tick any more.</summary>
public sealed class OverdueTickTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(StoreSamples.Start);
    private readonly SqliteEventStore _events;
    private readonly FaultyDocuments _documents;
    private readonly List<BackgroundWork> _background = [];
    private int _ticks;

    public OverdueTickTests()
    {
        _events = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), _time, TimeSpan.FromHours(1), NullLogger.Instance);
        _documents = new FaultyDocuments(new SqliteDocumentStore(_events));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var work in _background)
        {
            await work.DisposeAsync();
        }

        await _events.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_instance_that_sees_no_tick_for_three_minutes_runs_one_once()
    {
        var timer = Instance();
        var intake = Instance();
        await timer.Tick.RunAsync(Stop);
        await CheckAsync(intake);
        Assert.Equal(1, _ticks);

        _time.Advance(TimeSpan.FromMinutes(2));
        await CheckAsync(intake);
        Assert.Equal(1, _ticks);

        _time.Advance(TimeSpan.FromMinutes(2));
        await CheckAsync(intake);
        await CheckAsync(intake);
        Assert.Equal(2, _ticks);
    }

    [Fact]
    public async Task Of_many_instances_one_runs_the_overdue_tick()
    {
        await Instance().Tick.RunAsync(Stop);
        _time.Advance(TimeSpan.FromMinutes(10));
        var instances = Enumerable.Range(0, 8).Select(_ => Instance()).ToList();

        await Task.WhenAll(instances.Select(CheckAsync));

        Assert.Equal(2, _ticks);
    }

    [Fact]
    public async Task A_tick_of_the_timer_that_comes_meanwhile_is_seen()
    {
        var timer = Instance();
        var intake = Instance();
        await timer.Tick.RunAsync(Stop);
        await CheckAsync(intake);

        _time.Advance(TimeSpan.FromMinutes(4));
        await timer.Tick.RunAsync(Stop);
        await CheckAsync(intake);

        Assert.Equal(2, _ticks);
    }

    [Fact]
    public async Task A_new_service_leaves_its_timer_the_time_to_begin()
    {
        var intake = Instance();

        await CheckAsync(intake);
        Assert.Equal(0, _ticks);

        _time.Advance(TimeSpan.FromMinutes(5));
        await CheckAsync(intake);
        Assert.Equal(1, _ticks);
    }

    [Fact]
    public async Task A_store_that_is_down_is_asked_twice_a_minute_however_many_requests_come()
    {
        var intake = Instance();
        var asked = 0;
        _documents.Before = () =>
        {
            Interlocked.Increment(ref asked);
            throw new StoreUnavailableException("Down.");
        };

        for (var i = 0; i < 100; i++)
        {
            await CheckAsync(intake);
        }

        Assert.Equal(1, asked);
        _time.Advance(TimeSpan.FromSeconds(30));
        await CheckAsync(intake);
        Assert.Equal(2, asked);
    }

    private (ServiceTick Tick, OverdueTick Overdue, BackgroundWork Background) Instance()
    {
        var log = new TickLog(_documents, _time);
        var background = new BackgroundWork(NullLogger<BackgroundWork>.Instance);
        _background.Add(background);
        var part = new TickPart("part", TimeSpan.FromSeconds(50), _ =>
        {
            Interlocked.Increment(ref _ticks);
            return Task.CompletedTask;
        });
        var tick = new ServiceTick([part], log, TestMetrics.Create(), _time, NullLogger<ServiceTick>.Instance);
        return (tick, new OverdueTick(tick, log, TickSchedule.Of("0 * * * * *"), background, _time), background);
    }

    private static async Task CheckAsync((ServiceTick Tick, OverdueTick Overdue, BackgroundWork Background) instance)
    {
        instance.Overdue.Check();
        await instance.Background.WhenIdleAsync();
    }
}
