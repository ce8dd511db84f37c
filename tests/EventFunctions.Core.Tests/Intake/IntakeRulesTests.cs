using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Rules;
using EventFunctions.Preparation;
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
        new() { Id = id, Source = source, Type = type, Data = EventContent.FromJson("{}") };

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
    [InlineData("https://policies.example.com/api/42", "a", null)]
    [InlineData("42?x=1", "a", null)]
    [InlineData(null, "a b", null)]
    [InlineData("https://evil.example/api/42", "a", "\"https://evil.example/api/42\" is not below the producer's base URL.")]
    [InlineData("http://policies.example.com/api/42", "a", "is not below")]
    [InlineData("../secrets", "a", "is not below")]
    [InlineData("http://169.254.169.254/metadata", "a", "is not below")]
    [InlineData("https://user:s3cret@policies.example.com/api/42", "a", "A URL of full data must not contain a user name or password. Use data.auth of the producer.")]
    [InlineData(null, "..", "is not below")]
    [InlineData(null, null, "The event has no subject, but the producer's template uses it.")]
    public void An_event_whose_full_data_can_never_be_fetched_is_rejected_at_its_attribute(string? dataRef, string? subject, string? expected)
    {
        var producer = Policies with { Data = new ProducerData { BaseUrl = new Uri("https://policies.example.com/api/"), Template = "policies/{subject}" } };
        var notification = Event() with { DataRef = dataRef, Subject = subject };
        var item = Item(producer, notification);
        item.Prepared = new PreparedEvent();

        Assert.Equal(expected is null ? null : RefusalReason.DataReference, Apply(new DataReferenceRule(TestIntake.Anywhere()), item));
        if (expected is not null)
        {
            Assert.Equal(dataRef is null ? "subject" : "dataref", item.Refusals[0].Attribute);
            Assert.Contains(expected, item.Refusals[0].Detail, StringComparison.Ordinal);
        }

        var filtered = Item(producer, notification);
        filtered.Prepared = new PreparedEvent { NotEnrichedBy = "enrich[0]" };
        Assert.Null(Apply(new DataReferenceRule(TestIntake.Anywhere()), filtered));
    }

    [Fact]
    public void A_dataref_of_a_producer_without_a_base_url_and_an_address_that_may_not_be_dialled_are_rejected()
    {
        var withoutData = Item(Policies, Event() with { DataRef = "42" });
        withoutData.Prepared = new PreparedEvent();
        var literal = Item(Policies with { Data = new ProducerData { BaseUrl = new Uri("http://10.0.0.4/") } }, Event() with { DataRef = "42" });
        literal.Prepared = new PreparedEvent();
        var addresses = Substitute.For<IDataAddresses>();
        addresses.Refusal(new Uri("http://10.0.0.4/42")).Returns("not public");

        Assert.Equal(RefusalReason.DataReference, Apply(new DataReferenceRule(addresses), withoutData));
        Assert.Equal(RefusalReason.DataReference, Apply(new DataReferenceRule(addresses), literal));
        Assert.Equal("not public", literal.Refusals[0].Detail);
    }

    [Theory]
    [InlineData("renewed", null)]
    [InlineData("cancelled", RefusalReason.TypeNotAllowed)]
    public void Only_registered_types_are_accepted_if_the_producer_registers_any(string type, RefusalReason? expected)
    {
        Assert.Equal(expected, Apply(new AllowedTypeRule(), Item(Policies with { Types = Policies.Types.Add("renewed", new ProducerType()) }, Event(type: type))));
        Assert.Null(Apply(new AllowedTypeRule(), Item(Policies, Event(type: type))));
    }

    [Fact]
    public void A_type_that_is_not_allowed_is_named_with_what_to_do()
    {
        var item = Item(Policies with { Types = Policies.Types.Add("renewed", new ProducerType()) }, Event(type: "ended"));

        Apply(new AllowedTypeRule(), item);

        var refusal = Assert.Single(item.Refusals);
        Assert.Equal(("type", "Unknown type \"ended\". Add it to the types of the producer \"policies\" (PUT /api/producers/policies)."), (refusal.Attribute, refusal.Detail));
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
