using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Stores;

/// <content>Failures in groups, dismissed and brought back; and what is erased.</content>
public abstract partial class EventStoreConformance
{
    protected static EventRecord Failure(string id, string producer = "policies", string type = "x", string reason = "why", int run = 0, int minute = 0) =>
        StoreSamples.Record(id, type: type, status: minute % 2 == 0 ? EventStatus.Failed : EventStatus.DeadLettered, at: StoreSamples.Start.AddMinutes(minute)) with
        {
            Producer = producer,
            Reason = reason,
            Run = run,
        };

    [Fact]
    public async Task Failures_are_grouped_by_producer_type_and_reason()
    {
        await Store.CreateAsync(
            [
                .. Enumerable.Range(0, 5).Select(i => Failure($"a{i}", run: i % 2, minute: i)),
                Failure("b1", reason: "other"), Failure("b2", reason: "other", minute: 7), Failure("c", type: "y"), Failure("d", producer: "claims"),
                .. Statuses.Except([EventStatus.Failed, EventStatus.DeadLettered]).Select(status => StoreSamples.Record(status: status)),
            ],
            Cancellation);

        var failures = await Store.ReadFailuresAsync(dismissed: false, Cancellation);

        Assert.True(failures.IsComplete);
        Assert.Equal(
            [("policies", "x", "why", 5L, 2L), ("policies", "x", "other", 2, 0), ("claims", "x", "why", 1, 0), ("policies", "y", "why", 1, 0)],
            failures.Groups.Select(group => (group.Producer, group.Type, group.Reason, group.Count, group.FailedAgain)));
        Assert.Equal((StoreSamples.Start, StoreSamples.Start.AddMinutes(4)), (failures.Groups[0].First, failures.Groups[0].Last));
        Assert.Equal(["a4", "a3", "a2"], failures.Groups[0].Samples.Select(sample => sample.Id));
        Assert.Empty((await Store.ReadFailuresAsync(dismissed: true, Cancellation)).Groups);
    }

    [Fact]
    public async Task A_dismissed_failure_leaves_its_group_until_it_is_brought_back()
    {
        var records = await CreateManyAsync(3, i => Failure($"{i}", minute: i));
        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(records[0].Key, Patch(Change.Dismissed), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(records[0].Key, Patch(Change.Dismissed), Cancellation));

        Assert.Equal(2, Assert.Single((await Store.ReadFailuresAsync(false, Cancellation)).Groups).Count);
        Assert.Equal("0", Assert.Single(Assert.Single((await Store.ReadFailuresAsync(true, Cancellation)).Groups).Samples).Id);
        Assert.Equal("0", Assert.Single((await Store.ListAsync(new EventQuery { Dismissed = true }, Cancellation)).Items).Key.Id);
        Assert.Equal(["2", "1"], (await Store.ListAsync(new EventQuery { Dismissed = false }, Cancellation)).Items.Select(item => item.Key.Id));

        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(records[0].Key, Patch(Change.Restored), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(records[0].Key, Patch(Change.Restored), Cancellation));
        Assert.Equal(3, Assert.Single((await Store.ReadFailuresAsync(false, Cancellation)).Groups).Count);
        Assert.Null((await Store.ReadAsync(records[0].Key, Cancellation))!.TimeToLive);
    }

    [Theory]
    [InlineData(Change.Replayed)]
    [InlineData(Change.Completed)]
    public async Task A_failure_that_is_one_no_more_is_not_dismissed_either(Change change)
    {
        var record = await CreateAsync(Failure("1"));
        await Store.PatchAsync(record.Key, Patch(Change.Dismissed), Cancellation);

        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, Patch(change), Cancellation));

        Assert.False((await Store.ReadAsync(record.Key, Cancellation))!.Dismissed);
        Assert.Empty((await Store.ReadFailuresAsync(true, Cancellation)).Groups);
    }

    [Fact]
    public async Task Lists_take_producer_reason_and_entity()
    {
        await Store.CreateAsync(
            [
                Failure("1"), Failure("2", producer: "claims"), Failure("3", reason: "other"),
                Failure("4") with { Entity = new EntityKey("/insurance/policies", "other") },
                Failure("5") with { Entity = new EntityKey("/insurance/policies", "policy-42") },
            ],
            Cancellation);

        Assert.Equal(["2"], await IdsAsync(new EventQuery { Producer = "claims" }));
        Assert.Equal(["3"], await IdsAsync(new EventQuery { Status = EventStatus.Failure, Reason = "other" }));
        Assert.Equal(["4"], await IdsAsync(new EventQuery { Entity = new EntityKey("/insurance/policies", "other") }));
        Assert.Equal(["5"], await IdsAsync(new EventQuery { Entity = new EntityKey("/insurance/policies", "policy-42"), Status = EventStatus.Failed }));

        async Task<IEnumerable<string>> IdsAsync(EventQuery query) => (await Store.ListAsync(query, Cancellation)).Items.Select(item => item.Key.Id).Order();
    }

    [Fact]
    public async Task What_is_erased_is_gone_and_begins_no_run()
    {
        var record = await CreateAsync(Failure("1") with { Event = StoreSamples.Record("1", data: EventContent.FromJson("1")).Event });
        await Store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation);

        Assert.Equal(PatchOutcome.Applied, await Store.PatchAsync(record.Key, Patch(Change.Erased), Cancellation));
        var mark = FullData.Erasure(record, 0, StoreSamples.Start);
        await Store.ReplaceDataAsync(mark, Cancellation);
        await Store.ReplaceDataAsync(mark, Cancellation);

        var erased = (await Store.ReadAsync(record.Key, Cancellation))!;
        Assert.Equal((true, null, EventStatus.Failed), (erased.Erased, erased.Event.Data, erased.Status));
        Assert.Equal(mark, await Store.ReadDataAsync(record.Key, 0, Cancellation));
        Assert.False(await Store.CreateDataAsync(StoreSamples.FullData(record.Key), Cancellation));
        Assert.Equal(TimeSpan.FromDays(30), mark.TimeToLive);
        Assert.Equal(TimeSpan.FromDays(7), FullData.Erasure(record with { TimeToLive = TimeSpan.FromDays(7) }, 0, StoreSamples.Start).TimeToLive);
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, Patch(Change.Erased), Cancellation));
        Assert.Equal(PatchOutcome.NotApplied, await Store.PatchAsync(record.Key, Patch(Change.Replayed), Cancellation));
    }
}
