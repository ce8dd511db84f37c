using EventFunctions.CloudEvents;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry.Health;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Consumption;

public sealed class EventLookupTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly IEventStore _store = Substitute.For<IEventStore>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_data_of_an_earlier_run_stays_readable_until_a_replay_has_its_own_and_by_its_run_afterwards()
    {
        var lookup = new EventLookup(_store, _time);
        var record = SampleRecords.Full with { Run = 2 };
        var earlier = SampleRecords.Data with { Run = 0 };
        _store.ReadAsync(record.Key, Arg.Any<CancellationToken>()).Returns(record);
        _store.ReadDataAsync(record.Key, 0, Arg.Any<CancellationToken>()).Returns(earlier);
        Assert.Same(earlier, await lookup.ReadDataAsync(record.Key, null, Stop));

        var later = SampleRecords.Data with { Run = 2 };
        _store.ReadDataAsync(record.Key, 2, Arg.Any<CancellationToken>()).Returns(later);
        Assert.Same(later, await lookup.ReadDataAsync(record.Key, null, Stop));
        Assert.Same(earlier, await lookup.ReadDataAsync(record.Key, 0, Stop));
        Assert.Null(await lookup.ReadDataAsync(record.Key, 1, Stop));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    public async Task Data_that_an_expired_record_left_behind_is_nobodys(int? run)
    {
        var lookup = new EventLookup(_store, _time);
        var record = SampleRecords.Full with { Run = 0 };
        _store.ReadDataAsync(record.Key, 0, Arg.Any<CancellationToken>()).Returns(SampleRecords.Data with { Run = 0, FetchedAt = record.RecordedAt.AddDays(-7) });

        Assert.Null(await lookup.ReadDataAsync(record.Key, run, Stop));
        _store.ReadAsync(record.Key, Arg.Any<CancellationToken>()).Returns(record);
        Assert.Null(await lookup.ReadDataAsync(record.Key, run, Stop));
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_unavailable()
    {
        _store.ReadAsync(default, Stop).ReturnsForAnyArgs(new TaskCompletionSource<EventRecord?>().Task);

        var reading = new EventLookup(_store, _time).ReadAsync(new EventKey("/s", "1"), Stop);
        _time.Advance(EventLookup.Budget);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => reading);
    }

    [Fact]
    public async Task A_caller_that_goes_away_is_not_told_of_an_unavailable_store()
    {
        using var caller = new CancellationTokenSource();
        _store.ReadAsync(default, Stop).ReturnsForAnyArgs(new TaskCompletionSource<EventRecord?>().Task);

        var reading = new EventLookup(_store, _time).ReadAsync(new EventKey("/s", "1"), caller.Token);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Callers_share_one_check_of_the_stores_health_for_ten_seconds()
    {
        var health = new StoreHealth(_store, _time, NullLogger<StoreHealth>.Instance);
        var check = new TaskCompletionSource();
        _store.CheckAsync(Stop).ReturnsForAnyArgs(check.Task, Task.FromException(new StoreUnavailableException("down")));

        var first = health.IsHealthyAsync(Stop);
        _time.Advance(TimeSpan.FromSeconds(2));
        var second = health.IsHealthyAsync(Stop);
        check.SetResult();
        Assert.True(await first);
        Assert.True(await second);
        await _store.ReceivedWithAnyArgs(1).CheckAsync(Stop);

        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.False(await health.IsHealthyAsync(Stop));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(await health.IsHealthyAsync(Stop));
        await _store.ReceivedWithAnyArgs(2).CheckAsync(Stop);
    }

    [Fact]
    public async Task A_write_that_failed_is_no_health_for_a_minute_or_until_one_succeeds()
    {
        var health = new StoreHealth(_store, _time, NullLogger<StoreHealth>.Instance);

        health.WriteFailed();
        Assert.False(await health.IsHealthyAsync(Stop));
        health.Wrote();
        Assert.True(await health.IsHealthyAsync(Stop));
        health.WriteFailed();
        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.True(await health.IsHealthyAsync(Stop));
    }

    [Fact]
    public async Task A_check_that_hangs_is_no_health()
    {
        var health = new StoreHealth(_store, _time, NullLogger<StoreHealth>.Instance);
        _store.CheckAsync(Stop).ReturnsForAnyArgs(new TaskCompletionSource().Task);

        var check = health.IsHealthyAsync(Stop);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.False(await check);
    }
}
