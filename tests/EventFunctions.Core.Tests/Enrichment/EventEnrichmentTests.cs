using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Enrichment;

public sealed class EventEnrichmentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_trouble_an_event_takes_one_read_and_two_writes()
    {
        var scenario = new EnrichmentScenario();

        await scenario.DeliverAsync();

        Assert.Equal(["read", "createData", "complete"], scenario.Store.Steps);
        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Equal(1, scenario.Fetches);
    }

    [Fact]
    public async Task The_timeline_tells_when_the_event_was_delivered_fetched_and_completed_and_under_which_trace()
    {
        var scenario = new EnrichmentScenario();
        var delivered = scenario.Time.GetUtcNow();
        var answer = scenario.Fetched;
        scenario.Fetched = (n, url) =>
        {
            scenario.Time.Advance(TimeSpan.FromSeconds(1));
            return answer(n, url);
        };
        scenario.Store.After = step =>
        {
            if (step == "createData")
            {
                scenario.Time.Advance(TimeSpan.FromSeconds(2));
            }
        };

        await scenario.DeliverAsync();

        var told = scenario.Record.Timeline.Skip(1).ToList();
        Assert.Equal(["delivered", "fetched", "completed"], told.Select(e => e.What));
        Assert.Equal([0, 1, 3], told.Select(e => (e.At - delivered).TotalSeconds));
        Assert.All(told, e => Assert.Equal(scenario.TraceId, e.TraceId));
        Assert.Equal("https://policies.example.com/api/policies/policy-42", told[1].Detail);
    }

    [Fact]
    public async Task The_enriched_event_carries_the_data_digit_for_digit()
    {
        var scenario = new EnrichmentScenario();

        await scenario.DeliverAsync();

        var published = Assert.Single(scenario.Published);
        Assert.Contains("\"id\":\"4711:enriched\"", published, StringComparison.Ordinal);
        Assert.Contains("\"type\":\"policy.renewed.enriched\"", published, StringComparison.Ordinal);
        Assert.Contains("\"premium\":123456789012345678901234567890}", published, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_data_of_an_event_whose_producer_keeps_none_is_its_own()
    {
        var scenario = new EnrichmentScenario();
        scenario.Producer = scenario.Producer! with { Data = null };
        var own = EventContent.FromJson("""{"premium":1.10}""");
        scenario.Store[EnrichmentScenario.Key] = scenario.Record with { Event = scenario.Record.Event with { Data = own } };

        await scenario.DeliverAsync();

        await scenario.Client.DidNotReceiveWithAnyArgs().FetchAsync(default!, default!, Cancellation);
        Assert.Contains("\"data\":{\"premium\":1.10}", Assert.Single(scenario.Published), StringComparison.Ordinal);
        Assert.Equal(["delivered", "fetched", "completed"], scenario.Record.Timeline.Skip(1).Select(e => e.What));
        Assert.Equal("The event's own data.", scenario.Record.Timeline[2].Detail);
    }

    [Theory]
    [InlineData("policy.renewed.enriched")]
    [InlineData("eventfunctions.batch")]
    public async Task The_services_own_types_are_acknowledged_unread(string type)
    {
        var scenario = new EnrichmentScenario();

        await scenario.Enrichment.EnrichAsync(scenario.Delivered() with { Type = type }, Cancellation);

        Assert.Empty(scenario.Store.Steps);
    }

    [Theory]
    [InlineData(EventStatus.Completed)]
    [InlineData(EventStatus.Filtered)]
    [InlineData(EventStatus.Failed)]
    [InlineData(EventStatus.DeadLettered)]
    public async Task A_delivery_of_a_run_that_is_over_changes_nothing(EventStatus status)
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Status = status };
        var before = scenario.Record;

        await scenario.DeliverAsync();

        Assert.Same(before, scenario.Record);
        Assert.Equal(["read"], scenario.Store.Steps);
        Assert.Empty(scenario.Published);
    }

    [Fact]
    public async Task A_duplicate_after_completion_is_acknowledged_by_one_read()
    {
        var scenario = new EnrichmentScenario();
        await scenario.DeliverAsync();
        scenario.Store.Steps.Clear();

        await scenario.DeliverAsync();

        Assert.Equal(["read"], scenario.Store.Steps);
        Assert.Equal(1, scenario.Fetches);
        Assert.Single(scenario.Published);
    }

    [Fact]
    public async Task An_event_without_a_record_is_acknowledged_and_leaves_no_trace()
    {
        var scenario = new EnrichmentScenario();
        var foreign = scenario.Delivered() with { Id = "foreign" };

        await scenario.Enrichment.EnrichAsync(foreign, Cancellation);

        Assert.Equal(["read", "delivered"], scenario.Store.Steps);
        Assert.Equal(0, scenario.Fetches);
        Assert.Empty(scenario.Store.Data);
        Assert.Empty(scenario.Published);
    }

    [Fact]
    public async Task A_read_that_misses_is_settled_by_a_conditional_patch_before_anything_is_fetched()
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Seen = _ => null;

        await scenario.DeliverAsync();

        Assert.Equal(["read", "delivered", "read", "readData", "createData", "complete"], scenario.Store.Steps);
        Assert.Equal(["recorded", "delivered", "fetched", "completed"], scenario.Record.Timeline.Select(e => e.What));
    }

    [Fact]
    public async Task A_read_that_misses_a_record_whose_run_is_over_fetches_nothing()
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Status = EventStatus.Completed };
        scenario.Store.Seen = _ => null;

        await scenario.DeliverAsync();

        Assert.Equal(0, scenario.Fetches);
        Assert.Empty(scenario.Published);
    }

    [Fact]
    public async Task A_read_of_an_earlier_run_counts_as_a_miss()
    {
        var scenario = new EnrichmentScenario();
        var stale = scenario.Record with { Status = EventStatus.Failed };
        scenario.Record = scenario.Record with { Run = 1 };
        scenario.Store.Seen = _ => stale;

        await scenario.DeliverAsync(run: 1);

        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Contains("\"id\":\"4711:enriched:1\"", Assert.Single(scenario.Published), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_read_of_a_completed_run_publishes_the_same_again_and_changes_nothing()
    {
        var scenario = new EnrichmentScenario();
        var stale = scenario.Record;
        await scenario.DeliverAsync();
        var completed = scenario.Record;
        scenario.Store.Seen = _ => stale;

        await scenario.DeliverAsync();

        Assert.Same(completed, scenario.Record);
        Assert.Equal(2, scenario.Published.Count);
        Assert.Single(scenario.Published.Distinct());
    }

    [Fact]
    public async Task A_delivery_of_an_earlier_run_changes_nothing()
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Run = 2 };
        var before = scenario.Record;

        await scenario.DeliverAsync(run: 1);

        Assert.Same(before, scenario.Record);
        Assert.Equal(0, scenario.Fetches);
    }

    [Fact]
    public async Task A_delivery_of_a_run_that_never_began_changes_nothing()
    {
        var scenario = new EnrichmentScenario();
        var before = scenario.Record;

        await scenario.DeliverAsync(run: 7);

        Assert.Same(before, scenario.Record);
        Assert.Equal(0, scenario.Fetches);
    }

    [Fact]
    public async Task A_replayed_run_fetches_again_and_publishes_under_its_own_id()
    {
        var scenario = new EnrichmentScenario();
        await scenario.DeliverAsync();
        scenario.Time.Advance(TimeSpan.FromHours(1));
        var now = scenario.Time.GetUtcNow();
        scenario.Store.Patch(EnrichmentScenario.Key, RecordPatch.Replayed(0, new TimelineEntry(now, TimelineStep.Replayed, 1), now));

        await scenario.DeliverAsync(run: 1);

        Assert.Equal(2, scenario.Fetches);
        Assert.Equal([0, 1], scenario.Store.Data.Select(d => d.Run).Order());
        var published = scenario.Published.Last();
        Assert.Contains("\"id\":\"4711:enriched:1\"", published, StringComparison.Ordinal);
        Assert.Contains("\"replay\":1", published, StringComparison.Ordinal);
        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
    }

    [Theory]
    [InlineData("https://events.example.com/", "https://events.example.com/api/")]
    [InlineData("https://example.com/gateway/events", "https://example.com/gateway/events/api/")]
    public async Task Data_too_large_for_Event_Grid_is_published_as_a_reference(string publicUrl, string api)
    {
        var scenario = new EnrichmentScenario(new EnrichmentOptions { PublicUrl = new Uri(publicUrl) })
        {
            Fetched = (_, url) => new FetchedData(url, "application/octet-stream", null, new byte[900_000]),
        };

        await scenario.DeliverAsync();

        var published = Assert.Single(scenario.Published);
        Assert.Contains(
            $"\"dataref\":\"{api}events/4711/data?source=%2Finsurance%2Fpolicies&run=0\"", published, StringComparison.Ordinal);
        Assert.DoesNotContain("data_base64", published, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_and_data_are_kept_as_long_as_the_settings_say()
    {
        var scenario = new EnrichmentScenario(new EnrichmentOptions
        {
            RecordTimeToLive = TimeSpan.FromDays(90),
            DataTimeToLive = TimeSpan.FromDays(30),
        });

        await scenario.DeliverAsync();

        Assert.Equal(TimeSpan.FromDays(90), scenario.Record.TimeToLive);
        Assert.Equal(TimeSpan.FromDays(30), Assert.Single(scenario.Store.Data).TimeToLive);
    }

    [Theory]
    [InlineData(30, null, false, 30, 30)]
    [InlineData(null, 30, false, 90, 30)]
    [InlineData(null, null, false, 90, 90)]
    [InlineData(null, null, true, null, null)]
    [InlineData(null, 30, true, null, 30)]
    public void Records_are_kept_90_days_by_default_and_data_as_long_unless_less_is_asked_for(
        int? recordDays, int? dataDays, bool forEver, int? expectedRecord, int? expectedData)
    {
        var options = new EnrichmentOptions { RecordTimeToLive = Days(recordDays), DataTimeToLive = Days(dataDays), KeepForever = forEver };

        Assert.Equal(Days(expectedRecord), options.Retention.RecordTimeToLiveOf(null));
        Assert.Equal(Days(expectedData), options.Retention.DataTimeToLiveOf(null));

        static TimeSpan? Days(int? days) => days is { } number ? TimeSpan.FromDays(number) : null;
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_an_expired_record_of_the_same_key_left_is_not_the_events_data(bool erased, bool late)
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Leave(new FullData
        {
            Key = EnrichmentScenario.Key,
            Run = 0,
            Type = "policy.renewed",
            FetchedAt = scenario.Record.RecordedAt.AddDays(-30),
            Url = "https://policies.example.com/api/policies/policy-42",
            Content = EventContent.FromJson("\"left behind\""),
            Erased = erased,
        });

        // A delivery that may not be the first looks for data before it fetches.
        scenario.Time.Advance(late ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);

        await scenario.DeliverAsync();

        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Contains("\"version\":1", Assert.Single(scenario.Published), StringComparison.Ordinal);
        var data = Assert.Single(scenario.Store.Data);
        Assert.Equal((false, 1), (data.Erased, scenario.Fetches));
        Assert.True(data.IsOf(scenario.Record));
    }

    [Fact]
    public async Task A_record_that_is_gone_by_the_end_is_no_reason_to_deliver_again()
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Port.PatchAsync(default, default!, Cancellation).ReturnsForAnyArgs(PatchOutcome.NotFound);

        await scenario.DeliverAsync();

        Assert.Single(scenario.Published);
    }
}
