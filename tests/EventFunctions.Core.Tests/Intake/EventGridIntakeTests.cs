using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.EventGrid;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class EventGridIntakeTests
{
    private static readonly Producer Storage = new() { Name = "storage", Source = "/storage", EventsPerMinute = 400 };
    private static readonly Producer Vault = new() { Name = "vault", Source = "/vault" };

    private readonly FakeTimeProvider _time = new();
    private readonly IEventStore _store = Substitute.For<IEventStore>();
    private readonly IDocumentStore _documents = Substitute.For<IDocumentStore>();
    private readonly IProducerRegistry _producers = TestIntake.Registry(Storage, Vault);
    private readonly HashSet<string> _recorded = [];
    private readonly List<Document> _refused = [];
    private readonly ListLogger<RefusalLog> _log = new();
    private readonly EventGridIntake _intake;

    public EventGridIntakeTests()
    {
        _store.CreateAsync([], Stop).ReturnsForAnyArgs(call =>
            Task.FromResult<IReadOnlyList<bool>>([.. call.Arg<IReadOnlyList<EventRecord>>().Select(record => _recorded.Add(record.Event.Id))]));
        _documents.CreateAsync(DocumentContainer.State, Arg.Any<Document>(), Arg.Any<CancellationToken>()).Returns(call =>
        {
            lock (_refused)
            {
                _refused.Add(call.Arg<Document>());
            }

            return Task.FromResult<string?>("etag");
        });
        var publisher = TestPublisher.Over(Substitute.For<IEventPublisher>(), _time);
        var refusals = new RefusalLog(_time, _log);
        _intake = new EventGridIntake(
            new EachAloneIntake(TestIntake.Over(_store, _producers, publisher, _time, refusals: refusals), TestMetrics.Create(), refusals),
            new EventRefusals(_documents, _time, Options.Create(new IntakeOptions()), refusals),
            _producers,
            TestIntake.Quotas(publisher, _time));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static string Event(string id, string source = "/storage", string more = "") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"t","data":1{{more}}}""";

    private static EventRecord RecordOf(string id) => new()
    {
        Event = Reading.Event(Reading.Structured(Event(id))),
        Producer = "storage",
        Fingerprint = Fingerprint.Of(Reading.Event(Reading.Structured(Event(id)))),
        RecordedAt = DateTimeOffset.UnixEpoch,
        Status = EventStatus.Recorded,
        Timeline = [],
    };

    private async Task<EventGridReceipt> TakeAsync(IEnumerable<string> events, Producer? keyOf = null) =>
        (await _intake.TakeAsync(isBatch: true, Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]"), new IntakeCaller(null, IsKnown: false, keyOf), Stop)).Receipt!;

    [Fact]
    public async Task A_refused_event_does_not_refuse_its_neighbours_and_is_kept()
    {
        var receipt = await TakeAsync([Event("1"), Event("2", more: ",\"time\":\"yesterday\""), Event("3", "/unknown"), "7", Event("4")]);

        Assert.Equal(new EventGridReceipt(2, 0, 3), receipt);
        Assert.Equal(["1", "4"], _recorded);
        Assert.Equal(["refusal-", "refusal-", "refusal-storage"], _refused.Select(refusal => refusal.Partition).Order());
        Assert.All(_refused, refusal => Assert.Equal(TimeSpan.FromDays(30), refusal.TimeToLive));
    }

    [Fact]
    public async Task An_event_whose_producer_is_registered_just_then_comes_again_instead_of_being_kept()
    {
        var late = new Producer { Name = "late", Source = "/late" };
        var looks = 0;
        _producers.FindBySourceAsync("/late", Arg.Any<CancellationToken>()).Returns(_ => looks++ == 0 ? null : late);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => TakeAsync([Event("1", "/late")]));

        Assert.Empty(_refused);
        Assert.Equal(new EventGridReceipt(1, 0, 0), await TakeAsync([Event("1", "/late")]));
    }

    [Fact]
    public async Task A_batch_larger_than_a_quota_is_taken_in_whole_and_the_next_one_waits_for_it()
    {
        var first = await TakeAsync(Enumerable.Range(0, 900).Select(i => Event($"{i}")));
        var second = await TakeAsync([Event("900"), Event("901"), Event("902", "/vault")]);
        _time.Advance(second.Excess!.RetryAfter!.Value);
        var repeat = await TakeAsync([Event("900"), Event("901")]);

        Assert.Equal(new EventGridReceipt(900, 0, 0), first);
        Assert.Equal((1, "storage", 2), (second.Recorded, second.Excess.Producer, second.Excess.Events));
        Assert.InRange(second.Excess.RetryAfter.Value, TimeSpan.FromMinutes(1.25), TimeSpan.FromMinutes(1.26));
        Assert.Equal(new EventGridReceipt(2, 0, 0), repeat);
    }

    [Fact]
    public async Task Only_events_that_the_caller_may_post_are_charged()
    {
        _producers.RequiresKeyAsync("storage", Arg.Any<CancellationToken>()).Returns(true);

        var without = await TakeAsync(Enumerable.Range(0, 900).Select(i => Event($"{i}")));
        var wrong = await TakeAsync(Enumerable.Range(0, 900).Select(i => Event($"{i}")), Vault);
        var with = await TakeAsync([Event("1")], Storage);

        Assert.Equal((0, 0), (without.Recorded, wrong.Recorded));
        Assert.Equal((1, null), (with.Recorded, with.Excess));
    }

    [Fact]
    public async Task Every_refusal_is_logged_with_its_cause_and_what_the_full_list_does_not_keep()
    {
        _store.ReadAsync(default, Stop).ReturnsForAnyArgs(call => RecordOf(call.Arg<EventKey>().Id));
        await TakeAsync([Event("1"), Event("1", more: ",\"subject\":\"new\""), Event("2", more: ",\"time\":\"yesterday\"")]);
        Assert.Equal(
            ["Refused: an event (conflict).", "Refused: an event (invalid)."], _log.Lines.Select(line => line.Text[..(line.Text.IndexOf('.', StringComparison.Ordinal) + 1)]).Order());

        var filling = await TakeAsync(Enumerable.Range(0, 1_000).Select(i => Event($"{i}", "/unknown")));
        var unknown = await TakeAsync([Event("late", "/unknown"), Event("3", "/vault")]);
        var invalid = await TakeAsync(["7"]);

        Assert.Equal((false, true, false), (filling.IsListFull, unknown.IsListFull, invalid.IsListFull));
        Assert.Equal(1, unknown.Recorded);
        Assert.Single(_log.Lines, line => line.Text.Contains("not in the list of refusals, which is full", StringComparison.Ordinal) && line.Text.Contains("\"late\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_operator_can_mend_is_neither_recorded_nor_kept()
    {
        _producers.RequiresKeyAsync("vault", Arg.Any<CancellationToken>()).Returns(true);

        var without = await TakeAsync([Event("1"), Event("2", "/vault"), Event("3", "/vault", ",\"time\":\"yesterday\"")]);
        var with = await TakeAsync([Event("2", "/vault"), Event("3", "/vault", ",\"time\":\"yesterday\"")], Vault);

        Assert.Equal((1, 0), (without.Recorded, without.Refused));
        Assert.Contains("x-producer-key", without.Unauthorized, StringComparison.Ordinal);
        Assert.Equal((1, 1, null), (with.Recorded, with.Refused, with.Unauthorized));
        Assert.Equal("refusal-vault", Assert.Single(_refused).Partition);
    }

    [Fact]
    public async Task An_hour_keeps_a_limited_number_of_refusals_of_each_producer()
    {
        await TakeAsync(Enumerable.Range(0, 1_100).Select(i => Event($"{i}", "/unknown")));
        await TakeAsync([Event("other", "/vault", ",\"time\":\"yesterday\"")]);
        var kept = _refused.Count;
        _time.Advance(TimeSpan.FromHours(1));
        await TakeAsync([Event("later", "/unknown")]);

        Assert.Equal((1_001, 1_002), (kept, _refused.Count));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[")]
    [InlineData("")]
    public async Task A_body_that_is_no_batch_is_no_delivery(string body)
    {
        var (receipt, invalid) = await _intake.TakeAsync(isBatch: true, Encoding.UTF8.GetBytes(body), new IntakeCaller(null, IsKnown: false), Stop);

        Assert.Null(receipt);
        Assert.NotNull(invalid);
    }

    [Fact]
    public async Task A_delivery_has_at_most_5000_events()
    {
        Assert.Equal(5_000, (await TakeAsync(Enumerable.Range(0, 5_000).Select(i => Event($"{i}", "/vault")))).Recorded);
        Assert.Null(await TakeAsync(Enumerable.Repeat("7", 5_001)));
    }
}
