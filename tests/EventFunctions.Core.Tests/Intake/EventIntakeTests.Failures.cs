using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed partial class EventIntakeTests
{
    [Fact]
    public async Task A_record_that_can_neither_be_created_nor_read_is_an_unavailable_store()
    {
        Creates(_ => false);

        var error = await Assert.ThrowsAsync<StoreUnavailableException>(() => AcceptAsync(Event()));
        Assert.Equal("The store has an unreadable record.", error.Message);
        Assert.Equal(2, _created.Count);
    }

    [Fact]
    public async Task A_failed_publication_is_left_to_the_relay_and_the_event_is_accepted()
    {
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(Task.FromException(new PublishException(PublishFailure.Unavailable, "503 from the topic")));

        var result = await AcceptAsync(Event());

        Assert.Equal(IntakeVerdict.Accepted, Assert.Single(result.Outcomes).Verdict);
        await _store.Received(1).PatchAsync(
            new EventKey("/s", "1"),
            Arg.Is<RecordPatch>(patch => patch.Run == 0 && patch.RelayAt == Now + TimeSpan.FromSeconds(30)
                && patch.Entries.Single().What == TimelineStep.PublishFailed && patch.Entries.Single().Detail == "503 from the topic"),
            Arg.Any<CancellationToken>());
    }

    [Fact]
    public async Task Operators_are_told_once_a_minute_that_the_store_is_not_to_be_had_and_why()
    {
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(Task.FromException<IReadOnlyList<bool>>(new StoreUnavailableException("Cosmos DB answered 403.")));

        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<StoreUnavailableException>(() => AcceptAsync(Event()));
        }

        Assert.Equal("Returning 503: the store is unavailable (Cosmos DB answered 403.)", Assert.Single(_log.Lines).Text);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => AcceptAsync(Event()));
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public async Task A_publication_that_takes_longer_than_its_budget_does_not_hold_the_answer()
    {
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(new TaskCompletionSource().Task);

        var accepting = AcceptAsync(Event());
        _time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(accepting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(IntakeVerdict.Accepted, Assert.Single((await accepting).Outcomes).Verdict);
        await _store.ReceivedWithAnyArgs(1).PatchAsync(default, default!, Stop);
    }

    [Fact]
    public async Task A_note_that_hangs_or_fails_does_not_hold_the_answer()
    {
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(Task.FromException(new PublishException(PublishFailure.Unavailable, "down")));
        _store.PatchAsync(default, default!, Stop).ReturnsForAnyArgs(
            new TaskCompletionSource<PatchOutcome>().Task, Task.FromException<PatchOutcome>(new StoreUnavailableException("down")));

        Assert.Single((await AcceptAsync(Event("1"))).Outcomes);
        Assert.Single((await AcceptAsync(Event("2"))).Outcomes);
    }

    [Fact]
    public async Task A_caller_that_goes_away_after_the_create_does_not_lose_the_publication()
    {
        using var caller = new CancellationTokenSource();
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(async call =>
        {
            await caller.CancelAsync();
            Assert.False(call.Arg<CancellationToken>().IsCancellationRequested);
            return (IReadOnlyList<bool>)[true];
        });

        await _intake.AcceptAsync([Event()], caller.Token);

        Assert.Single(_published);
    }

    [Fact]
    public async Task A_caller_that_is_gone_before_the_create_costs_no_write()
    {
        await Assert.ThrowsAsync<OperationCanceledException>(() => _intake.AcceptAsync([Event()], new CancellationToken(canceled: true)));

        Assert.Empty(_store.ReceivedCalls());
    }

    [Fact]
    public async Task A_store_that_does_not_answer_in_3_seconds_is_unavailable()
    {
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(new TaskCompletionSource<IReadOnlyList<bool>>().Task);

        var accepting = AcceptAsync(Event());
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("The store did not respond within 00:00:03.", (await Assert.ThrowsAsync<StoreUnavailableException>(() => accepting)).Message);
    }

    [Fact]
    public async Task New_events_of_a_batch_are_published_though_the_store_fails_for_the_others()
    {
        Creates(record => record.Event.Id == "1");
        _store.ReadAsync(default, Stop).ReturnsForAnyArgs(Task.FromException<EventRecord?>(new StoreUnavailableException("down")));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => AcceptAsync(Event("1"), Event("2")));

        Assert.Single(_published);
    }
}
