using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Rules;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class IntakeRulesTests
{
    private static readonly Producer Policies = new() { Name = "policies", Source = "/policies" };
    private static readonly Producer Claims = new() { Name = "claims", Source = "/claims" };

    private static EventNotification Event(string id = "1", string source = "/policies", string type = "renewed") =>
        new() { Id = id, Source = source, Type = type };

    private static RefusalReason? Apply(IIntakeRule rule, IntakeItem item, IntakeChannel channel = IntakeChannel.Post, IntakeCaller? caller = null)
    {
        var result = rule.Apply(item, new IntakeRequest([item.Event], channel, caller));
        Assert.Equal(item.IsRejected, result == RuleResult.RejectEvent);
        return item.Refusals is [var refusal] ? refusal.Reason : null;
    }

    private static IntakeItem Item(Producer? producer, EventNotification? notification = null) => new(0, notification ?? Event()) { Producer = producer };

    [Fact]
    public void An_unknown_source_is_rejected() => Assert.Equal(RefusalReason.UnknownSource, Apply(new OwnerRule(), Item(null)));

    [Fact]
    public void A_key_of_another_producer_is_rejected_whether_the_source_is_known_or_not()
    {
        var caller = new IntakeCaller(null, IsKnown: true, KeyOf: Claims);

        Assert.Equal(RefusalReason.KeyNotForSource, Apply(new OwnerRule(), Item(Policies), caller: caller));
        Assert.Equal(RefusalReason.KeyNotForSource, Apply(new OwnerRule(), Item(null), caller: caller));
    }

    [Theory]
    [InlineData(IntakeChannel.Post, false, RefusalReason.KeyMissing)]
    [InlineData(IntakeChannel.Post, true, null)]
    [InlineData(IntakeChannel.Message, false, null)]
    [InlineData(IntakeChannel.Feed, false, null)]
    [InlineData(IntakeChannel.DryRun, false, null)]
    public void Posts_of_a_producer_with_keys_need_one(IntakeChannel channel, bool withKey, RefusalReason? expected)
    {
        var item = Item(Policies);
        item.RequiresKey = true;

        Assert.Equal(expected, Apply(new KeyRule(), item, channel, withKey ? new IntakeCaller(null, IsKnown: true, KeyOf: Policies) : null));
    }

    [Theory]
    [InlineData(IntakeChannel.Post, "a", null)]
    [InlineData(IntakeChannel.Post, "b", RefusalReason.CallerNotAllowed)]
    [InlineData(IntakeChannel.Message, null, RefusalReason.CallerNotAllowed)]
    [InlineData(IntakeChannel.Feed, null, null)]
    [InlineData(IntakeChannel.DryRun, null, null)]
    public void Only_callers_that_the_producer_names_can_send(IntakeChannel channel, string? objectId, RefusalReason? expected) =>
        Assert.Equal(expected, Apply(new CallerRule(), Item(Policies with { Callers = Policies.Callers.Add("a") }), channel, new IntakeCaller(objectId, IsKnown: true)));

    [Theory]
    [InlineData("renewed", null)]
    [InlineData("cancelled", RefusalReason.TypeNotAllowed)]
    public void Only_registered_types_are_accepted_if_the_producer_registers_any(string type, RefusalReason? expected)
    {
        Assert.Equal(expected, Apply(new AllowedTypeRule(), Item(Policies with { Types = Policies.Types.Add("renewed", new ProducerType()) }, Event(type: type))));
        Assert.Null(Apply(new AllowedTypeRule(), Item(Policies, Event(type: type))));
    }

    [Theory]
    [InlineData(1_000, null)]
    [InlineData(1_100_000, RefusalReason.TooLarge)]
    public void What_Event_Grid_would_reject_for_its_size_is_rejected(int length, RefusalReason? expected)
    {
        var item = Item(Policies, Event() with { Data = EventContent.FromJson($"\"{new string('x', length)}\"") });
        item.Encode("topic");

        Assert.Equal(expected, Apply(new SizeRule(), item));
    }

    [Theory]
    [InlineData(IntakeMode.AllOrNothing, 0)]
    [InlineData(IntakeMode.EachAlone, 2)]
    public async Task A_rejected_event_rejects_the_request_unless_each_event_is_taken_alone(IntakeMode mode, int recorded)
    {
        var store = Substitute.For<IEventStore>();
        var created = ImmutableArray<EventRecord>.Empty;
        store.CreateAsync([], TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            created = [.. call.Arg<IReadOnlyList<EventRecord>>()];
            return Task.FromResult<IReadOnlyList<bool>>([.. created.Select(_ => true)]);
        });
        var time = new FakeTimeProvider();
        var publisher = TestPublisher.Over(Substitute.For<IEventPublisher>(), time);

        var result = await TestIntake.Over(store, TestIntake.Registry(Policies), publisher, time).AcceptAsync(
            new IntakeRequest([Event("1"), Event("2", "/unknown"), Event("3")], IntakeChannel.Feed, Mode: mode), TestContext.Current.CancellationToken);

        Assert.Equal(recorded, created.Length);
        Assert.Equal(recorded == 0 ? [] : [0, 2], result.Outcomes.Select(outcome => outcome.Index));
        Assert.Equal([(1, RefusalReason.UnknownSource)], result.Refusals.Select(refusal => (refusal.Index, refusal.Reason)));
    }
}
