using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Enrichment;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Publication;

public sealed partial class EventRelayTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly StoreDouble _store = new();
    private readonly TopicDouble _topic = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_due_is_published_and_then_left_to_Event_Grid_for_as_long_as_it_tries()
    {
        var key = Record("a", due: TimeSpan.Zero);

        var tick = await Relay().RunAsync(Cancellation);

        Assert.Equal(new RelayTick(1, 0, 0), tick);
        Assert.Equal(["a"], TakenIds());
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(25), _store[key].RelayAt);
        Assert.Equal(TimelineStep.Relayed, _store[key].Timeline[^1].What);
    }

    [Fact]
    public async Task What_is_not_due_or_over_is_left_alone()
    {
        Record("later", due: TimeSpan.FromSeconds(1));
        Record("completed", due: TimeSpan.Zero, EventStatus.Completed);
        Record("failed", due: TimeSpan.Zero, EventStatus.Failed);

        Assert.Equal(default, await Relay().RunAsync(Cancellation));

        Assert.Empty(_topic.Requests);
    }

    [Fact]
    public async Task An_event_that_is_being_enriched_and_never_finishes_is_published_again()
    {
        Record("stuck", due: TimeSpan.Zero, EventStatus.Enriching);

        await Relay().RunAsync(Cancellation);

        Assert.Equal(["stuck"], TakenIds());
    }

    [Fact]
    public async Task Runs_after_the_first_carry_their_number()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _store[key] = _store[key] with { Run = 3 };

        await Relay().RunAsync(Cancellation);

        Assert.Contains("\"replay\":3", Assert.Single(_topic.Taken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PublishFailure.Unavailable)]
    [InlineData(PublishFailure.Denied)]
    public async Task The_delay_doubles_from_half_a_minute_to_half_an_hour_while_the_topic_takes_nothing(PublishFailure failure)
    {
        _topic.Answer = TopicDouble.Failing(failure);
        var key = Record("a", due: TimeSpan.Zero);
        var delays = new List<double>();

        for (var i = 0; i < 9; i++)
        {
            await Relay().RunAsync(Cancellation);
            delays.Add((_store[key].RelayAt!.Value - _time.GetUtcNow()).TotalSeconds);
            _time.Advance(_store[key].RelayAt!.Value - _time.GetUtcNow());
        }

        Assert.Equal([30, 60, 120, 240, 480, 960, 1800, 1800, 1800], delays);
        Assert.Equal(EventStatus.Recorded, _store[key].Status);
        Assert.Equal(9, _store[key].RelayFailures);
    }

    [Fact]
    public async Task After_a_publication_that_is_taken_the_delay_begins_anew()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _store[key] = _store[key] with { RelayFailures = 7 };

        await Relay().RunAsync(Cancellation);

        Assert.Equal(0, _store[key].RelayFailures);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 30)]
    [InlineData(3, 210)]
    [InlineData(6, 1_890)]
    [InlineData(7, 3_690)]
    [InlineData(9, 7_290)]
    public void How_long_an_event_has_been_due_counts_all_delays(int failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), new RelayOptions().DelaysUpTo(failures));

    [Fact]
    public async Task Parts_that_cannot_be_done_now_are_tried_again_after_the_delay_of_a_publication()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _store[key] = _store[key] with { Status = EventStatus.Completed, Pending = EventParts.Thin };
        var pending = Substitute.For<IPendingParts>();
        pending.RunAsync(default!, Cancellation).ReturnsForAnyArgs(_ => throw new InvalidOperationException());

        await Relay(pending: pending).RunAsync(Cancellation);
        await Relay(pending: pending).RunAsync(Cancellation);

        Assert.Equal((1, _time.GetUtcNow().AddSeconds(30)), (_store[key].RelayFailures, _store[key].RelayAt));
        await pending.ReceivedWithAnyArgs(1).RunAsync(default!, Cancellation);
    }

    [Fact]
    public async Task While_the_topic_takes_nothing_a_tick_tries_one_page_only()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        Backlog(500);

        var tick = await Relay(new RelayOptions { PageSize = 50 }).RunAsync(Cancellation);

        Assert.Equal(new RelayTick(0, 50, 0), tick);
        Assert.Equal(450, _store.Records.Count(r => r.RelayAt <= _time.GetUtcNow()));
    }

    [Fact]
    public async Task What_is_longest_due_goes_first()
    {
        _topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        Record("young", due: TimeSpan.FromMinutes(-1));
        Record("old", due: TimeSpan.FromMinutes(-9));

        await Relay(new RelayOptions { PageSize = 1 }).RunAsync(Cancellation);

        Assert.Contains("\"id\":\"old\"", Assert.Single(Assert.Single(_topic.Requests)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_that_can_never_be_published_fails_alone_and_holds_nobody_up()
    {
        Backlog(300);
        var culprit = Record("culprit", due: TimeSpan.FromMinutes(-10));
        _topic.Answer = TopicDouble.Rejecting("\"culprit\"");

        var tick = await Relay().RunAsync(Cancellation);

        Assert.Equal(new RelayTick(300, 0, 1), tick);
        Assert.Equal((EventStatus.Failed, FailureReason.Unpublishable), (_store[culprit].Status, _store[culprit].Reason));
        Assert.Null(_store[culprit].RelayAt);
        Assert.Equal(300, TakenIds().Distinct().Count());
    }

    [Fact]
    public async Task A_crash_between_publication_and_patch_costs_a_copy_and_no_event()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _store.Before = step => ThrowAt(step, "putOff");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Relay().RunAsync(Cancellation));
        _store.Before = _ => { };

        await Relay().RunAsync(Cancellation);

        Assert.Equal(["a", "a"], TakenIds());
        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(25), _store[key].RelayAt);
    }

    [Fact]
    public async Task A_crash_after_the_patch_costs_nothing()
    {
        Record("a", due: TimeSpan.Zero);
        _store.After = step => ThrowAt(step, "putOff");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Relay().RunAsync(Cancellation));
        _store.After = _ => { };

        await Relay().RunAsync(Cancellation);

        Assert.Equal(["a"], TakenIds());
    }

    [Fact]
    public async Task A_patch_that_fails_does_not_keep_the_others_of_its_page_from_being_noted()
    {
        Backlog(50);
        var failures = 1;
        _store.Before = step =>
        {
            if (step == "putOff" && Interlocked.Decrement(ref failures) >= 0)
            {
                throw new StoreUnavailableException("busy");
            }
        };

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Relay().RunAsync(Cancellation));
        await Relay().RunAsync(Cancellation);

        Assert.Equal(51, _topic.Taken.Count);
    }

    [Fact]
    public async Task An_event_completed_while_it_is_relayed_stays_completed()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _topic.Answer = (_, _) =>
        {
            _store.Patch(key, RecordPatch.Completed(0, [new TimelineEntry(_time.GetUtcNow(), TimelineStep.Completed)], null));
            return Task.CompletedTask;
        };

        await Relay().RunAsync(Cancellation);

        Assert.Equal(EventStatus.Completed, _store[key].Status);
        Assert.Null(_store[key].RelayAt);
    }

    [Fact]
    public async Task A_store_that_answers_with_old_records_does_not_make_a_tick_publish_them_again()
    {
        var key = Record("a", due: TimeSpan.Zero);
        _store.Port.ReadDueAsync(default, default, Cancellation).ReturnsForAnyArgs([_store[key]]);

        await Relay(new RelayOptions { PageSize = 1 }).RunAsync(Cancellation);

        Assert.Equal(["a"], TakenIds());
    }

    [Fact]
    public async Task A_tick_that_was_told_to_stop_still_notes_what_was_taken()
    {
        var key = Record("a", due: TimeSpan.Zero);
        using var stopping = new CancellationTokenSource();
        _store.Before = step =>
        {
            if (step == "putOff")
            {
                stopping.Cancel();
            }
        };

        await Relay().RunAsync(stopping.Token);

        Assert.Equal(_time.GetUtcNow() + TimeSpan.FromHours(25), _store[key].RelayAt);
    }

    [Fact]
    public async Task While_delivery_is_an_hour_late_an_event_is_published_twice_and_not_more()
    {
        // Intake has published these once already; Event Grid holds them, and delivers the hour after.
        for (var i = 0; i < 200; i++)
        {
            Record($"e{i}", due: TimeSpan.FromMinutes(10));
        }

        for (var minute = 0; minute < 60; minute++)
        {
            await Relay().RunAsync(Cancellation);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        var copies = TakenIds().CountBy(id => id).ToDictionary();
        Assert.Equal(200, copies.Count);
        Assert.All(copies.Values, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task An_event_whose_delivery_is_on_time_is_published_once_only()
    {
        var key = Record("a", due: TimeSpan.FromMinutes(10));
        _store.Patch(key, RecordPatch.Completed(0, [new TimelineEntry(_time.GetUtcNow(), TimelineStep.Completed)], null));
        _time.Advance(TimeSpan.FromDays(3));

        await Relay().RunAsync(Cancellation);

        Assert.Empty(_topic.Requests);
    }

    [Fact]
    public async Task An_event_that_Event_Grid_lost_with_its_dead_letter_is_published_again_after_a_day()
    {
        Record("a", due: TimeSpan.Zero);
        await Relay().RunAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(25));

        await Relay().RunAsync(Cancellation);

        Assert.Equal(["a", "a"], TakenIds());
    }

    private EventRelay Relay(RelayOptions? options = null, IPendingParts? pending = null) => new(
        _store.Port,
        TestPublisher.Over(_topic.Port, _time, new PublicationOptions { MaxConcurrentRequests = 1 }),
        pending ?? Substitute.For<IPendingParts>(),
        _time,
        Options.Create(options ?? new RelayOptions()),
        NullLogger<EventRelay>.Instance,
        TestMetrics.Create());

    private void Backlog(int count, int size = 10)
    {
        for (var i = 0; i < count; i++)
        {
            Record(i.ToString(CultureInfo.InvariantCulture), TimeSpan.FromSeconds(-1), size: size);
        }
    }

    private EventKey Record(string id, TimeSpan due, EventStatus status = EventStatus.Recorded, int size = 10)
    {
        var now = _time.GetUtcNow();
        var record = new EventRecord
        {
            Event = new EventNotification
            {
                Id = id,
                Source = "/insurance/policies",
                Type = "policy.renewed",
                Data = EventContent.FromJson($"\"{new string('x', size)}\""),
            },
            Producer = "policies",
            Fingerprint = "00",
            RecordedAt = now,
            Status = status,
            RelayAt = (status & EventStatus.Open) != 0 ? now + due : null,
            Timeline = [new TimelineEntry(now, TimelineStep.Recorded)],
        };
        _store[record.Key] = record;
        return record.Key;
    }

    private List<string> TakenIds() => _topic.Taken.ConvertAll(e => JsonDocument.Parse(e).RootElement.GetProperty("id").GetString()!);

    private static void ThrowAt(string step, string crash)
    {
        if (step == crash)
        {
            throw new UnreachableException("crashed");
        }
    }
}
