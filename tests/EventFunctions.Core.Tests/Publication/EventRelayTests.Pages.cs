using EventFunctions.Publication;
using EventFunctions.Records;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

/// <content>How much a tick takes at once.</content>
public sealed partial class EventRelayTests
{
    [Fact]
    public async Task A_tick_begins_no_new_page_after_its_budget()
    {
        Backlog(30);
        _topic.Answer = (_, _) =>
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            return Task.CompletedTask;
        };

        var tick = await Relay(new RelayOptions { PageSize = 1, TickBudget = TimeSpan.FromSeconds(50) }).RunAsync(Cancellation);

        Assert.Equal(new RelayTick(2, 0, 0), tick);
    }

    [Fact]
    public async Task Pages_of_large_events_are_short()
    {
        Backlog(40, size: 100_000);
        var asked = new List<int>();
        _store.Port.WhenForAnyArgs(s => s.ReadDueAsync(default, default, Cancellation)).Do(call => asked.Add(call.Arg<int>()));

        await Relay(new RelayOptions { PageSize = 20, PageBytes = 500_000 }).RunAsync(Cancellation);

        Assert.Equal(20, asked[0]);
        Assert.All(asked.Skip(1), limit => Assert.InRange(limit, 4, 5));
        Assert.Equal(40, _topic.Taken.Count);
    }

    [Fact]
    public async Task A_page_that_the_store_ends_early_is_not_the_last_one()
    {
        Backlog(4);
        var due = new Queue<EventRecord>(await _store.Port.ReadDueAsync(_time.GetUtcNow(), 4, Cancellation));
        _store.Port.ReadDueAsync(default, default, Cancellation).ReturnsForAnyArgs(_ => due.TryDequeue(out var next) ? [next] : []);

        Assert.Equal(new RelayTick(4, 0, 0), await Relay().RunAsync(Cancellation));
    }

    [Fact]
    public async Task A_backlog_of_20_000_is_worked_off_in_one_tick_each_event_once()
    {
        Backlog(20_000);
        _store.Steps.Capacity = 50_000;

        var tick = await Relay().RunAsync(Cancellation);

        Assert.Equal(20_000, tick.Taken);
        Assert.Equal(20_000, TakenIds().Distinct().Count());
        Assert.InRange(_topic.Requests.Count, 20, 2_000);
    }
}
