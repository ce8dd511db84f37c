using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed partial class EventIntakeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 30, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly IEventStore _store = Substitute.For<IEventStore>();
    private readonly IEventPublisher _topic = Substitute.For<IEventPublisher>();
    private readonly List<EventRecord> _created = [];
    private readonly List<string> _published = [];
    private readonly ListLogger<EventIntake> _log = new();
    private readonly EventIntake _intake;

    public EventIntakeTests()
    {
        Creates(_ => true);
        _topic.PublishAsync([], Stop).ReturnsForAnyArgs(call =>
        {
            _published.AddRange(call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>().Select(encoded => Encoding.UTF8.GetString(encoded.Span)));
            return Task.CompletedTask;
        });
        var none = new Producer { Name = "", Source = "" };
        _intake = TestIntake.Over(
            _store,
            TestIntake.Registry(
                none with { Name = "policies", Source = "/s" },
                none with { Name = "typed", Source = "/typed", Types = none.Types.Add("known", new ProducerType()) }),
            Publisher,
            _time,
            _log);
    }

    private CoalescingPublisher Publisher => TestPublisher.Over(_topic, _time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static EventNotification Event(string id = "1", string data = "{}") =>
        new() { Id = id, Source = "/s", Type = "t", Data = EventContent.FromJson(data) };

    private void Creates(Func<EventRecord, bool> isNew) =>
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(call =>
        {
            var records = call.Arg<IReadOnlyList<EventRecord>>();
            _created.AddRange(records);
            return Task.FromResult<IReadOnlyList<bool>>([.. records.Select(isNew)]);
        });

    private void Holds(EventNotification notification, EventStatus status) =>
        _store.ReadAsync(notification.Key, Arg.Any<CancellationToken>()).Returns(new EventRecord
        {
            Event = notification,
            Producer = "policies",
            Fingerprint = Fingerprint.Of(notification),
            RecordedAt = Now,
            Status = status,
            Timeline = [],
        });

    private Task<IntakeResult> AcceptAsync(params EventNotification[] events) => _intake.AcceptAsync(events, Stop);

    [Fact]
    public async Task A_new_event_is_recorded_and_published_with_one_write_and_no_read()
    {
        var result = await AcceptAsync(Event());

        Assert.Equal([new IntakeOutcome(0, new EventKey("/s", "1"), IntakeVerdict.Accepted, EventStatus.Recorded)], result.Outcomes);
        Assert.Single(_store.ReceivedCalls());
        var record = Assert.Single(_created);
        Assert.Equal(EventStatus.Recorded, record.Status);
        Assert.Equal("policies", record.Producer);
        Assert.Equal(Fingerprint.Of(Event()), record.Fingerprint);
        Assert.Equal(Now, record.RecordedAt);
        Assert.Equal(Now + TimeSpan.FromMinutes(10), record.RelayAt);
        Assert.Equal(TimelineStep.Recorded, Assert.Single(record.Timeline).What);
        Assert.Equal("""{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{}}""", Assert.Single(_published));
    }

    [Theory]
    [InlineData(IntakeChannel.Post, IntakeMode.AllOrNothing, 0)]
    [InlineData(IntakeChannel.Message, IntakeMode.AllOrNothing, 0)]
    [InlineData(IntakeChannel.Feed, IntakeMode.EachAlone, 1)]
    public async Task A_dataref_that_can_never_be_fetched_is_refused_on_every_channel(IntakeChannel channel, IntakeMode mode, int recorded)
    {
        var result = await _intake.AcceptAsync(
            new IntakeRequest([Event("1"), Event("2") with { DataRef = "https://elsewhere.example.com/2" }], channel, Mode: mode), Stop);

        Assert.Equal(recorded, _created.Count);
        var refusal = Assert.Single(result.Refusals);
        Assert.Equal((1, RefusalReason.DataReference, "dataref"), (refusal.Index, refusal.Reason, refusal.Attribute));
    }

    [Fact]
    public async Task Attributes_against_a_rule_of_syntax_are_kept_with_an_entry_and_published_so_that_readers_accept_them()
    {
        var sent = Reading.Event(Reading.Structured(
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2016-12-31t23:59:60.50z","dataschema":"#","dataVersion":"2","ext":"a","data":{}}"""));

        await AcceptAsync(sent);

        var record = Assert.Single(_created);
        Assert.Equal(sent, record.Event);
        Assert.Equal([TimelineStep.Recorded, TimelineStep.Irregular], record.Timeline.Select(entry => entry.What));
        Assert.Equal(
            "\"time\" is published with T and Z in capitals and without a leap second. "
            + "\"dataschema\" is kept as it came. Must be an absolute URI (RFC 3986 §4.3: with a scheme, without a fragment). "
            + "\"dataVersion\" is kept, but not published. An attribute name may contain only lower-case letters a to z and digits.",
            record.Timeline[1].Detail);
        Assert.Equal(new DateTimeOffset(2017, 1, 1, 0, 0, 0, 500, TimeSpan.Zero), record.OccurredAt);
        Assert.Equal(
            """{"specversion":"1.0","id":"1","source":"/s","type":"t","time":"2017-01-01T00:00:00.50Z","dataschema":"#","ext":"a","data":{}}""", Assert.Single(_published));
    }

    [Theory]
    [InlineData("{\"a\":1.0}", false, IntakeVerdict.Duplicate)]
    [InlineData("{\"a\":2}", false, IntakeVerdict.Conflict)]
    [InlineData("{\"a\":2}", true, IntakeVerdict.Duplicate)]
    public async Task A_record_with_a_fingerprint_of_another_version_is_compared_by_its_event(string data, bool isErased, IntakeVerdict expected)
    {
        Creates(_ => false);
        _store.ReadAsync(Event().Key, Arg.Any<CancellationToken>()).Returns(new EventRecord
        {
            Event = isErased ? Event() with { Data = null } : Event(data: "{ \"a\": 1 }"),
            Erased = isErased,
            Producer = "policies",
            Fingerprint = "0:another",
            RecordedAt = Now,
            Status = EventStatus.Completed,
            Timeline = [],
        });

        Assert.Equal(expected, Assert.Single((await AcceptAsync(Event(data: data))).Outcomes).Verdict);
    }

    [Fact]
    public async Task What_a_rule_filters_is_recorded_with_the_rule_and_not_published()
    {
        var result = await Prepared("""[{"operatorType":"StringIn","key":"data.kind","values":["a"]}]""", recordDays: 30)
            .AcceptAsync([Event("1", """{"kind":"b"}"""), Event("2", """{"kind":"a"}""")], Stop);

        Assert.Equal([EventStatus.Filtered, EventStatus.Recorded], result.Outcomes.Select(outcome => outcome.Status));
        Assert.Contains("\"id\":\"2\"", Assert.Single(_published), StringComparison.Ordinal);
        var filtered = _created[0];
        Assert.Equal("publish[0] StringIn data.kind", filtered.Reason);
        Assert.Null(filtered.RelayAt);
        Assert.Equal(TimeSpan.FromDays(30), filtered.TimeToLive);
        Assert.Equal([TimelineStep.Recorded, TimelineStep.Filtered], filtered.Timeline.Select(entry => entry.What));
        Assert.Null(_created[1].Reason);
        Assert.Null(_created[1].TimeToLive);
    }

    [Fact]
    public async Task Data_that_violates_the_schema_refuses_the_request_with_every_error_and_nothing_is_recorded()
    {
        var result = await Prepared("[]").AcceptAsync([Event("1", """{"kind":"a"}"""), Event("2", """{"kind":1,"n":"x"}""")], Stop);

        Assert.Empty(_created);
        Assert.Empty(_published);
        Assert.Equal(
            [(1, RefusalReason.SchemaViolation, "data/kind"), (1, RefusalReason.SchemaViolation, "data/n")],
            result.Refusals.Select(refusal => (refusal.Index, refusal.Reason, refusal.Attribute!)));
    }

    [Fact]
    public async Task A_batch_of_events_that_each_cost_less_than_they_may_is_bounded_as_a_whole()
    {
        var costly = $"[{string.Join(',', Enumerable.Repeat("1", 50_000))}]";
        var intake = Prepared("[]", schema: """{"items":{"enum":[1]}}""");

        Assert.Empty((await intake.AcceptAsync([.. Enumerable.Range(0, 4).Select(i => Event($"{i}", costly))], Stop)).Refusals);
        var result = await intake.AcceptAsync([.. Enumerable.Range(0, 500).Select(i => Event($"{i}", costly))], Stop);

        var refusal = Assert.Single(result.Refusals);
        Assert.Equal((4, RefusalReason.SchemaViolation, true), (refusal.Index, refusal.Reason, refusal.ExceededBudget));
        Assert.Contains("Send fewer events in one request. The keyword \"enum\" takes the most.", refusal.Detail, StringComparison.Ordinal);
        Assert.Empty((await intake.AcceptAsync(
            new IntakeRequest([.. Enumerable.Range(0, 8).Select(i => Event($"{i}", costly))], IntakeChannel.Feed, Mode: IntakeMode.EachAlone), Stop)).Refusals);
    }

    [Fact]
    public async Task An_event_of_a_feed_that_costs_too_much_does_not_keep_the_events_behind_it_from_being_recorded()
    {
        var costly = $"[{string.Join(',', Enumerable.Repeat("1", 400_000))}]";

        var result = await Prepared("[]", schema: """{"items":{"enum":[1]}}""").AcceptAsync(
            new IntakeRequest([Event("1", costly), Event("2", "[1]"), Event("3", "[2]")], IntakeChannel.Feed, Mode: IntakeMode.EachAlone), Stop);

        Assert.Equal([(0, true), (2, false)], result.Refusals.Select(refusal => (refusal.Index, refusal.ExceededBudget)));
        Assert.Equal(1, Assert.Single(result.Outcomes).Index);
        Assert.Equal("2", Assert.Single(_created).Event.Id);
    }

    [Fact]
    public async Task The_entity_is_recorded_and_a_missing_one_is_told()
    {
        await Prepared("[]").AcceptAsync([Event("1", """{"kind":"a","policy":{"number":4711}}"""), Event("2", """{"kind":"a"}""")], Stop);

        Assert.Equal(new EntityKey("/s", "4711"), _created[0].Entity);
        Assert.Null(_created[0].Timeline[0].Detail);
        Assert.Null(_created[1].Entity);
        Assert.Contains("/policy/number", _created[1].Timeline[0].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3301", IntakeChannel.Post, true)]
    [InlineData("3f2504e0-4f89-41d3-9a0c-0305e82c3302", IntakeChannel.Post, false)]
    [InlineData(null, IntakeChannel.Post, false)]
    [InlineData(null, IntakeChannel.Message, false)]
    [InlineData(null, IntakeChannel.Feed, true)]
    public async Task Callers_are_checked_on_the_producer_that_admits_the_event(string? caller, IntakeChannel channel, bool accepted)
    {
        // Whoever asks twice may decide on two different producers.
        var producers = Substitute.For<IProducerRegistry>();
        var named = new Producer { Name = "policies", Source = "/s", Callers = new Producer { Name = "", Source = "" }.Callers.Add("3f2504e0-4f89-41d3-9a0c-0305e82c3301") };
        producers.FindBySourceAsync("/s", Arg.Any<CancellationToken>()).Returns(named);

        var result = await IntakeOver(producers).AcceptAsync(
            new IntakeRequest([Event()], channel, caller is null ? null : new IntakeCaller(caller, IsKnown: true)), Stop);

        Assert.Equal(accepted ? 1 : 0, _created.Count);
        Assert.Equal(accepted ? [] : [RefusalReason.CallerNotAllowed], result.Refusals.Select(refusal => refusal.Reason));
        await producers.Received(1).FindBySourceAsync("/s", Arg.Any<CancellationToken>());
    }

    private EventIntake Prepared(
        string publish, int? recordDays = null, string schema = """{"properties":{"kind":{"type":"string"},"n":{"type":"integer"}}}""")
    {
        var producers = Substitute.For<IProducerRegistry>();
        using var filters = JsonDocument.Parse(publish);
        var type = new ProducerType
        {
            Entity = ["/policy/number"],
            Schema = schema,
            Publish = AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []),
        };
        producers.FindBySourceAsync("/s", Arg.Any<CancellationToken>()).Returns(new Producer
        {
            Name = "policies",
            Source = "/s",
            Types = new Producer { Name = "", Source = "" }.Types.Add("t", type),
            Retention = new ProducerRetention { RecordDays = recordDays },
        });
        return IntakeOver(producers);
    }

    private EventIntake IntakeOver(IProducerRegistry producers) => TestIntake.Over(_store, producers, Publisher, _time);

    [Fact]
    public async Task A_repeat_is_a_duplicate_with_its_present_status_and_is_not_published_again()
    {
        Creates(_ => false);
        Holds(Event(data: """{"a":1,"b":2}"""), EventStatus.Completed);

        var result = await AcceptAsync(Event(data: """{ "b": 2.0, "a": 1 }"""));

        Assert.Equal([new IntakeOutcome(0, new EventKey("/s", "1"), IntakeVerdict.Duplicate, EventStatus.Completed)], result.Outcomes);
        Assert.Empty(_published);
    }

    [Fact]
    public async Task Another_content_under_the_same_identity_is_a_conflict()
    {
        Creates(_ => false);
        Holds(Event(data: "1"), EventStatus.Recorded);

        Assert.Equal(IntakeVerdict.Conflict, Assert.Single((await AcceptAsync(Event(data: "2"))).Outcomes).Verdict);
        Assert.Empty(_published);
    }

    [Fact]
    public async Task A_record_that_expired_meanwhile_is_created_once_more_and_published()
    {
        var attempts = 0;
        Creates(_ => ++attempts == 2);

        Assert.Equal(IntakeVerdict.Accepted, Assert.Single((await AcceptAsync(Event())).Outcomes).Verdict);
        Assert.Single(_published);
    }

    [Fact]
    public async Task The_same_event_twice_in_a_batch_is_created_once_and_another_content_conflicts()
    {
        Holds(Event("1", "1"), EventStatus.Recorded);

        var result = await AcceptAsync(Event("1", "1"), Event("2"), Event("1", "1.0"), Event("1", "3"));

        Assert.Equal(
            [IntakeVerdict.Accepted, IntakeVerdict.Accepted, IntakeVerdict.Duplicate, IntakeVerdict.Conflict],
            result.Outcomes.Select(outcome => outcome.Verdict));
        Assert.Equal(["1", "2"], _created.Select(record => record.Event.Id));
        Assert.Equal(2, _published.Count);
    }

    [Fact]
    public async Task One_refused_event_refuses_the_batch_and_nothing_is_recorded()
    {
        var result = await AcceptAsync(
            Event(),
            Event() with { Source = "/unknown" },
            Event() with { Source = "/typed" },
            Event() with { Source = "/typed", Type = "known" },
            Event("5", $"\"{new string('x', 1_000_000)}\""));

        Assert.Empty(result.Outcomes);
        Assert.Equal(
            [(1, RefusalReason.UnknownSource), (2, RefusalReason.TypeNotAllowed), (4, RefusalReason.TooLarge)],
            result.Refusals.Select(refusal => (refusal.Index, refusal.Reason)));
        Assert.Contains("/unknown", result.Refusals[0].Detail, StringComparison.Ordinal);
        Assert.Empty(_store.ReceivedCalls());
        Assert.Empty(_published);
    }

    [Fact]
    public async Task Of_200_identical_calls_at_once_the_one_that_creates_publishes()
    {
        var creates = 0;
        Creates(_ => Interlocked.Increment(ref creates) == 1);
        Holds(Event(), EventStatus.Recorded);

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => AcceptAsync(Event())));

        Assert.Equal(1, results.Count(result => result.Outcomes[0].Verdict == IntakeVerdict.Accepted));
        Assert.Equal(199, results.Count(result => result.Outcomes[0].Verdict == IntakeVerdict.Duplicate));
        Assert.Single(_published);
    }

    [Fact]
    public async Task What_is_published_carries_the_callers_trace_and_what_is_recorded_is_as_sent()
    {
        using var activity = new Activity("POST").Start();

        await AcceptAsync(Event());

        Assert.Equal(activity.Id, JsonDocument.Parse(_published[0]).RootElement.GetProperty("traceparent").GetString());
        Assert.Null(_created[0].Event.TraceParent);
        Assert.Equal(activity.Id, _created[0].Timeline[0].TraceParent);
        Assert.Equal(activity.TraceId.ToHexString(), _created[0].Timeline[0].TraceId);
        Assert.Equal(_published[0], Encoding.UTF8.GetString(EventEncoder.Encode(_created[0]).Span));
    }

    [Fact]
    public async Task A_producers_own_trace_is_kept()
    {
        using var activity = new Activity("POST").Start();

        await AcceptAsync(Event() with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });

        Assert.Contains("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", _published[0], StringComparison.Ordinal);
        Assert.Null(_created[0].Timeline[0].TraceParent);
        Assert.Equal(_published[0], Encoding.UTF8.GetString(EventEncoder.Encode(_created[0]).Span));
    }

    [Fact]
    public async Task An_empty_batch_touches_nothing()
    {
        var result = await AcceptAsync();

        Assert.Empty(result.Outcomes);
        Assert.Empty(result.Refusals);
        Assert.Empty(_store.ReceivedCalls());
    }
}
