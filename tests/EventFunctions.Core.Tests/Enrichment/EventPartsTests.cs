using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Enrichment;

/// <summary>What is done for an event beside its enrichment: each part fails alone, and nothing of it is lost.</summary>
public sealed class EventPartsTests
{
    private readonly EnrichmentScenario _scenario = new();

    [Fact]
    public async Task An_event_on_its_way_reads_once_and_writes_its_data_and_its_end()
    {
        await _scenario.DeliverAsync();

        Assert.Equal(["read", "createData", "complete"], _scenario.Store.Steps);
        Assert.Equal(["enriched:0", "thin:0"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((EventParts.None, null), (_scenario.Record.Pending, _scenario.Record.RelayAt));
    }

    [Theory]
    [InlineData(false, 30)]
    [InlineData(true, 40)]
    public async Task What_an_event_costs_in_the_store_is_within_its_budget(bool entity, double budget)
    {
        _scenario.Record = _scenario.Record with { Entity = new EntityKey(EnrichmentScenario.Key.Source, "policy-42"), Linked = entity };
        await _scenario.DeliverAsync();

        // Intake creates the record.
        var charges = _scenario.Store.Steps.Select(step => step switch
        {
            "read" => StoreCharges.Read,
            "createData" => StoreCharges.CreateData,
            "complete" => StoreCharges.PatchRecord,
            _ => throw new InvalidOperationException(step),
        }).Prepend(StoreCharges.CreateRecord).Concat(_scenario.Links.Select(_ => StoreCharges.CreateDocument)).ToList();

        Assert.Equal(entity ? 5 : 4, charges.Count);
        Assert.InRange(charges.Sum(charge => charge.RequestUnits), 1, budget);
        Assert.InRange(StoreCharges.CreateDocument.RequestUnits + StoreCharges.ReplaceDocument.RequestUnits, 1, 21);
    }

    [Fact]
    public async Task Webhooks_get_the_event_before_its_producer_is_asked_for_data()
    {
        _scenario.Fetched = (_, _) =>
        {
            Assert.Contains("thin:0", _scenario.Deliveries);
            throw new FetchException(FailureReason.Timeout, permanent: false, "late");
        };

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => _scenario.DeliverAsync());

        Assert.Equal(["thin:0"], _scenario.Deliveries.Keys);
        Assert.Equal(EventStatus.Enriching, _scenario.Record.Status);
    }

    [Theory]
    [InlineData("before dispatch thin", EventParts.Thin, false)]
    [InlineData("before dispatch enriched", EventParts.Enriched, false)]
    [InlineData("before link", EventParts.Entity, false)]
    [InlineData("before dispatch thin", EventParts.Thin, true)]
    [InlineData("before link", EventParts.Entity, true)]
    public async Task A_part_that_fails_holds_up_nothing_and_is_left_to_the_relay(string moment, EventParts left, bool producerRefuses)
    {
        _scenario.Record = _scenario.Record with { Entity = new EntityKey(EnrichmentScenario.Key.Source, "policy-42"), Linked = true };
        if (producerRefuses)
        {
            _scenario.Fetched = (_, _) => throw new FetchException(FailureReason.DataNotFound, permanent: true, "gone");
        }

        _scenario.FailAt(moment);
        await _scenario.DeliverAsync();

        Assert.Equal(producerRefuses ? EventStatus.Failed : EventStatus.Completed, _scenario.Record.Status);
        Assert.Equal((left, true), (_scenario.Record.Pending, _scenario.Record.RelayAt > _scenario.Time.GetUtcNow()));
        var published = _scenario.Published.Count;

        // The part fails once more, and is deferred.
        await _scenario.RelayAsync();
        Assert.Equal((left, 1), (_scenario.Record.Pending, _scenario.Record.RelayFailures));

        _scenario.FailAt(null);
        await _scenario.RelayAsync();

        Assert.Equal(producerRefuses ? ["thin:0"] : ["enriched:0", "thin:0"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.Single(_scenario.Links);
        Assert.Equal((EventParts.None, null), (_scenario.Record.Pending, _scenario.Record.RelayAt));
        Assert.Equal(published, _scenario.Published.Count);
    }

    [Theory]
    [InlineData("after readDue")]
    [InlineData("before readData")]
    [InlineData("before dispatch enriched")]
    [InlineData("after dispatch enriched")]
    [InlineData("before partsDone")]
    [InlineData("after partsDone")]
    public async Task After_a_crash_of_the_relay_the_next_tick_does_what_is_left(string moment)
    {
        _scenario.FailAt("before dispatch enriched");
        await _scenario.DeliverAsync();
        _scenario.FailAt(null);

        _scenario.CrashAt(moment);
        await Record.ExceptionAsync(_scenario.RelayAsync);
        _scenario.Restart();
        await _scenario.RelayAsync();

        Assert.Equal(["enriched:0", "thin:0"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((EventParts.None, null), (_scenario.Record.Pending, _scenario.Record.RelayAt));
    }

    [Fact]
    public async Task What_a_run_left_is_not_done_for_the_run_of_a_replay()
    {
        _scenario.FailAt("before dispatch thin");
        await _scenario.DeliverAsync();
        _scenario.FailAt(null);
        var replayed = RecordPatch.Replayed(0, new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Replayed, 1), _scenario.Time.GetUtcNow());
        Assert.Equal(PatchOutcome.Applied, _scenario.Store.Patch(EnrichmentScenario.Key, replayed));

        Assert.Equal((EventStatus.Recorded, EventParts.None), (_scenario.Record.Status, _scenario.Record.Pending));
        await _scenario.DeliverAsync(run: 1);

        Assert.Equal(["enriched:0", "enriched:1", "thin:1"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task First_attempts_are_awaited_after_the_end_is_recorded()
    {
        var answered = new TaskCompletionSource();
        _scenario.Dispatch.DispatchAsync(Arg.Any<EventRecord>(), Arg.Do<ICollection<Task>?>(attempts => attempts?.Add(answered.Task)), Arg.Any<CancellationToken>())
            .Returns(Task.CompletedTask);

        var delivering = _scenario.DeliverAsync();
        while (_scenario.Record.Status != EventStatus.Completed)
        {
            await Task.Yield();
        }

        Assert.False(delivering.IsCompleted);
        answered.SetResult();
        await delivering;
    }

    [Fact]
    public async Task Late_in_an_attempt_the_queue_sends_so_that_the_answer_to_Event_Grid_is_not_late()
    {
        ICollection<Task>? given = [];
        _scenario.Dispatch.DispatchAsync(Arg.Any<FullData>(), Arg.Do<ICollection<Task>?>(attempts => given = attempts), Arg.Any<CancellationToken>())
            .Returns(Task.CompletedTask);
        var fetched = _scenario.Fetched;
        _scenario.Fetched = (number, url) =>
        {
            _scenario.Time.Advance(TimeSpan.FromSeconds(13));
            return fetched(number, url);
        };

        await _scenario.DeliverAsync();

        Assert.Null(given);
    }
}
