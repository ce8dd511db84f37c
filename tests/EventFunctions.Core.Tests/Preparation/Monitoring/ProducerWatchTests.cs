using System.Globalization;
using System.Text.Json;
using EventFunctions.Monitoring;
using EventFunctions.Publication;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;

namespace EventFunctions.Tests.Preparation.Monitoring;

public sealed class ProducerWatchTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // The grace is two minutes.
    private static readonly TimeSpan Late = Hour + (3 * Minute);

    private readonly MonitorScenario _scenario = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_does_not_come_is_told_once_and_so_is_that_it_comes_again()
    {
        await _scenario.LookAsync();
        await _scenario.PassAsync(30 * Minute);
        await _scenario.ComeAsync();

        await _scenario.PassAsync(Hour + Minute);
        Assert.Empty(_scenario.Published);
        await _scenario.PassAsync(2 * Minute);
        Assert.Equal(["missing"], _scenario.Published);
        await _scenario.PassAsync(5 * Hour);
        Assert.Equal(["missing"], _scenario.Published);

        await _scenario.ComeAsync();
        await _scenario.ComeAsync();
        await _scenario.PassAsync(30 * Minute);
        Assert.Equal(["missing", "resumed"], _scenario.Published);

        await _scenario.PassAsync(Hour);
        Assert.Equal(["missing", "resumed", "missing"], _scenario.Published);
        Assert.Equal(3, _scenario.Topic.Taken.Select(IdOf).Distinct().Count());
    }

    [Fact]
    public async Task The_event_tells_who_is_missed_and_since_when()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        await _scenario.PassAsync(Late);
        await _scenario.ComeAsync();
        await _scenario.PassAsync(Minute);

        var (missing, resumed) = (JsonElement.Parse(_scenario.Topic.Taken[0]), JsonElement.Parse(_scenario.Topic.Taken[1]));
        Assert.Equal("/eventfunctions", missing.GetProperty("source").GetString());
        Assert.Equal("eventfunctions.monitoring.missing", missing.GetProperty("type").GetString());
        Assert.Equal("policies", missing.GetProperty("subject").GetString());
        Assert.Equal(
            """{"producer":"policies","source":"/s","type":"x","expectEvery":"01:00:00","lastRecordedAt":"2026-03-01T12:00:00.000Z","expectedBy":"2026-03-01T13:00:00.000Z"}""",
            missing.GetProperty("data").GetRawText());
        Assert.Equal("eventfunctions.monitoring.resumed", resumed.GetProperty("type").GetString());
        Assert.Equal("2026-03-01T13:03:00.000Z", resumed.GetProperty("data").GetProperty("resumedAt").GetString());
        Assert.Equal(IdOf(_scenario.Topic.Taken[0])["missing".Length..], IdOf(_scenario.Topic.Taken[1])["resumed".Length..]);
    }

    [Fact]
    public async Task A_producer_that_comes_in_time_is_never_missed()
    {
        await _scenario.LookAsync();
        for (var i = 0; i < 6; i++)
        {
            await _scenario.PassAsync(Hour);
            await _scenario.ComeAsync();
        }

        Assert.Empty(_scenario.Published);
    }

    [Fact]
    public async Task A_producer_that_is_new_has_one_whole_period_before_it_is_missed()
    {
        _scenario.Time.Advance(TimeSpan.FromDays(1));
        await _scenario.LookAsync();
        await _scenario.PassAsync(Hour);
        Assert.Empty(_scenario.Published);

        await _scenario.PassAsync(3 * Minute);
        Assert.Equal(["missing"], _scenario.Published);
        Assert.DoesNotContain("lastRecordedAt", _scenario.Topic.Taken[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_producer_that_is_registered_again_has_one_whole_period_too()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        await _scenario.PassAsync(10 * Minute);
        _scenario.Expect(null);
        await _scenario.PassAsync(TimeSpan.FromHours(5));
        _scenario.Expect(Hour);
        await _scenario.PassAsync(Hour);
        Assert.Empty(_scenario.Published);

        await _scenario.PassAsync(4 * Minute);
        Assert.Equal(["missing"], _scenario.Published);
    }

    [Fact]
    public async Task A_service_that_was_down_misses_nothing_before_one_whole_period_has_passed()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        _scenario.Time.Advance(TimeSpan.FromHours(5));

        await _scenario.LookAsync();
        await _scenario.PassAsync(Hour);
        Assert.Empty(_scenario.Published);
        await _scenario.PassAsync(3 * Minute);
        Assert.Equal(["missing"], _scenario.Published);
    }

    [Fact]
    public async Task What_could_not_be_sent_during_a_restart_may_come_as_much_later()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        await _scenario.PassAsync(59 * Minute);

        // It is due in a minute, and the service is back two minutes after the grace is over.
        _scenario.Time.Advance(5 * Minute);
        await _scenario.LookAsync();
        await _scenario.PassAsync(Minute);
        Assert.Empty(_scenario.Published);
        await _scenario.ComeAsync();
        await _scenario.PassAsync(Hour + Minute);
        Assert.Empty(_scenario.Published);

        await _scenario.PassAsync(Minute);
        Assert.Equal(["missing"], _scenario.Published);
    }

    [Fact]
    public async Task Restarts_put_an_alarm_off_by_no_more_than_they_took_together()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync();
        for (var restart = 0; restart < 3; restart++)
        {
            await _scenario.PassAsync(10 * Minute);
            _scenario.Time.Advance(3 * Minute);
            await _scenario.LookAsync();
        }

        // Of three minutes without a look one is the schedule's own, so that the deadline lies six minutes later.
        await _scenario.PassAsync((60 + 2 + (3 * 2) - 39 - 1) * Minute);
        Assert.Empty(_scenario.Published);
        await _scenario.PassAsync(Minute);
        Assert.Equal(["missing"], _scenario.Published);
    }

    [Theory]
    [InlineData("0 * * * * *", "12:00:00", "12:01:03", "00:00:00")]
    [InlineData("0 * * * * *", "11:59:59.990", "12:01:00", "00:00:00")]
    [InlineData("0 * * * * *", "12:00:00", "12:04:30", "00:03:30")]
    [InlineData("*/10 * * * *", "12:00:00", "12:10:00", "00:00:00")]
    [InlineData("*/10 * * * *", "12:00:00", "12:12:00", "00:02:00")]
    [InlineData("00:02:00", "12:00:00", "12:05:00", "00:02:55")]
    [InlineData("", "12:00:00", "12:01:00", "00:00:00")]
    [InlineData("0 * * * * *", "12:05:00", "12:00:00", "00:00:00")]
    public void A_gap_is_what_a_look_is_late_by_and_not_what_the_schedule_leaves_out(string schedule, string last, string now, string gap) =>
        Assert.Equal(TimeSpan.Parse(gap, CultureInfo.InvariantCulture), TickSchedule.Of(schedule).Overdue(At(last), At(now)));

    private static DateTimeOffset At(string time) => new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.Parse(time, CultureInfo.InvariantCulture);

    [Fact]
    public async Task Clocks_that_differ_by_less_than_the_grace_raise_no_alarm_and_one_that_is_ahead_puts_none_off()
    {
        await _scenario.LookAsync();
        await _scenario.ComeAsync(skew: -Minute);
        await _scenario.PassAsync(Hour);
        await _scenario.ComeAsync(skew: TimeSpan.FromDays(10));
        Assert.Empty(_scenario.Published);

        await _scenario.PassAsync(Late);
        Assert.Equal(["missing"], _scenario.Published);
    }

    [Fact]
    public async Task Of_instances_that_look_at_once_one_publishes()
    {
        await _scenario.LookAsync();
        await _scenario.PassAsync(Hour + Minute);
        _scenario.Time.Advance(2 * Minute);

        await _scenario.Time.PassDuringAsync(Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => _scenario.Watch().LookAsync(Cancellation)))));

        // While a busy machine holds up the first, the two minutes may pass after which another repeats it, byte for byte.
        Assert.InRange(_scenario.Topic.Taken.Count, 1, 2);
        Assert.Single(_scenario.Topic.Taken.Distinct());
        Assert.Equal("missing", _scenario.Published.First());
    }

    [Fact]
    public async Task A_crash_anywhere_leads_to_one_alarm_or_to_its_exact_repetition()
    {
        for (var writes = 0; writes < 6; writes++)
        {
            foreach (var takesEffect in new[] { false, true })
            {
                await using var scenario = new MonitorScenario();
                await scenario.LookAsync();
                await scenario.PassAsync(Hour + Minute);
                scenario.Documents.FailOnce(writes, takesEffect);
                for (var i = 0; i < 10; i++)
                {
                    scenario.Time.Advance(Minute);
                    try
                    {
                        await scenario.LookAsync();
                    }
                    catch (StoreUnavailableException)
                    {
                    }
                }

                Assert.InRange(scenario.Topic.Taken.Count, 1, 2);
                Assert.Single(scenario.Topic.Taken.Distinct());
            }
        }
    }

    [Fact]
    public async Task What_the_topic_does_not_take_is_published_later_byte_for_byte()
    {
        await _scenario.LookAsync();
        _scenario.Topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        await _scenario.PassAsync(Late);
        Assert.Empty(_scenario.Published);

        _scenario.Topic.Answer = (_, _) => Task.CompletedTask;
        await _scenario.PassAsync(5 * Minute);

        Assert.Equal(["missing"], _scenario.Published);
        Assert.Single(_scenario.Topic.Requests.Select(request => Assert.Single(request)).Distinct());
    }

    [Fact]
    public async Task An_event_that_comes_while_the_alarm_is_published_takes_it_back_afterwards()
    {
        await _scenario.LookAsync();
        _scenario.Topic.Answer = async (events, _) =>
        {
            if (events[0].Contains("monitoring.missing", StringComparison.Ordinal))
            {
                await _scenario.ComeAsync();
            }
        };

        await _scenario.PassAsync(Late + (5 * Minute));

        Assert.Equal(["missing", "resumed"], _scenario.Published);
    }

    [Fact]
    public async Task Each_entity_is_missed_on_its_own_where_events_are_expected_of_each()
    {
        _scenario.Expect(Hour, perEntity: true);
        await _scenario.LookAsync();
        await _scenario.ComeAsync("42");
        await _scenario.ComeAsync("43");
        await _scenario.PassAsync(40 * Minute);
        await _scenario.ComeAsync("43");
        await _scenario.PassAsync(30 * Minute);
        Assert.Equal(["missing 42"], _scenario.Published);

        await _scenario.ComeAsync("42");
        await _scenario.PassAsync(20 * Minute);
        Assert.Equal(["missing 42", "resumed 42"], _scenario.Published);
        await _scenario.PassAsync(20 * Minute);
        Assert.Equal(["missing 42", "resumed 42", "missing 43"], _scenario.Published);
    }

    [Fact]
    public async Task A_longer_period_counts_at_once()
    {
        await _scenario.LookAsync();
        await _scenario.PassAsync(30 * Minute);
        _scenario.Expect(3 * Hour);
        await _scenario.PassAsync(2 * Hour);

        Assert.Empty(_scenario.Published);
    }

    [Fact]
    public async Task What_is_expected_of_the_producer_as_a_whole_is_no_entitys_any_more()
    {
        _scenario.Expect(Hour, perEntity: true);
        await _scenario.LookAsync();
        await _scenario.ComeAsync("42");
        _scenario.Expect(Hour);
        await _scenario.PassAsync(30 * Minute);
        await _scenario.ComeAsync("43");
        await _scenario.PassAsync(Hour);

        Assert.Empty(_scenario.Published);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Events_of_watched_types_and_entities_cost_no_writes(bool perEntity)
    {
        _scenario.Expect(Hour, perEntity);
        await _scenario.ComeAsync([.. Enumerable.Range(0, 20).Select(i => _scenario.Record($"{i}"))]);
        await _scenario.PassAsync(Minute);
        var before = _scenario.Documents.Writes;

        await _scenario.ComeAsync([.. Enumerable.Range(0, 500).Select(i => _scenario.Record($"{i % 20}"))]);
        await _scenario.ComeAsync(type: "unexpected");
        await _scenario.PassAsync(Minute);

        // When was looked and, for entities, up to where events were read.
        Assert.Equal(perEntity ? 2 : 1, _scenario.Documents.Writes - before);
        await _scenario.PassAsync(Minute);
        Assert.Equal(perEntity ? 3 : 2, _scenario.Documents.Writes - before);
    }

    [Fact]
    public async Task Every_entity_is_watched_although_more_than_a_page_of_them_come_between_two_looks()
    {
        const int count = 1_200;
        _scenario.Expect(Hour, perEntity: true);
        await _scenario.LookAsync();
        await _scenario.ComeAsync([.. Enumerable.Range(0, count).Select(i => _scenario.Record($"{i}"))]);
        await _scenario.PassAsync(Minute);
        _scenario.Time.Advance(2 * Minute);
        await _scenario.LookAsync();

        var query = new DocumentQuery(DocumentContainer.State) { Partition = new Expectation("policies", "/s", "x", Hour, true).Partition, Limit = 1_000 };
        var first = await _scenario.Documents.QueryAsync(query, Cancellation);
        var rest = await _scenario.Documents.QueryAsync(query with { Continuation = first.Continuation }, Cancellation);
        Assert.Equal(count + 1, first.Items.Count + rest.Items.Count);
    }

    [Fact]
    public async Task Without_expectations_nothing_is_read_or_written()
    {
        _scenario.Expect(null);

        await _scenario.PassAsync(3 * Minute);

        Assert.Equal((0, 0), (_scenario.Documents.Reads, _scenario.Documents.Writes));
    }

    private static string IdOf(string published) => JsonElement.Parse(published).GetProperty("id").GetString()!;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
