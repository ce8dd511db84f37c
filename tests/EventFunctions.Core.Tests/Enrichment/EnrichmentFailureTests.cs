using System.Text;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;
using NSubstitute.ExceptionExtensions;

namespace EventFunctions.Tests.Enrichment;

public sealed class EnrichmentFailureTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transient_failure_is_noted_and_thrown()
    {
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.ProducerUnavailable, permanent: false, "It answered 503."),
        };

        var error = await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        Assert.Equal("It answered 503.", error.Message);
        Assert.Equal(EventStatus.Enriching, scenario.Record.Status);
        Assert.Equal(1, scenario.Record.Attempts);
        var noted = scenario.Record.Timeline[^1];
        Assert.Equal((TimelineStep.AttemptFailed, "It answered 503.", 1), (noted.What, noted.Detail, noted.Attempt));
    }

    [Theory]
    [InlineData(false, "Failed: an attempt to enrich an event of /insurance/policies, which is repeated (ProducerUnavailable). Event 4711: It responded with 503.")]
    [InlineData(true, "Failed: an event of /insurance/policies for good (DataNotFound). Event 4711: It responded with 404.")]
    public async Task A_failing_producer_is_logged_once_per_cause_and_minute(bool permanent, string line)
    {
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, _) => throw new FetchException(
                permanent ? FailureReason.DataNotFound : FailureReason.ProducerUnavailable, permanent, permanent ? "It responded with 404." : "It responded with 503."),
        };

        for (var attempt = 0; attempt < 5; attempt++)
        {
            await Record.ExceptionAsync(() => scenario.DeliverAsync());
        }

        Assert.Equal(line, Assert.Single(scenario.Log.Lines).Text, ignoreCase: true);
        scenario.Time.Advance(FailureLog.Period);
        Assert.Equal(permanent ? 1 : 2, scenario.Log.Lines.Count);
    }

    [Fact]
    public async Task A_noted_attempt_puts_the_relay_off_until_Event_Grid_has_given_up()
    {
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.Timeout, permanent: false, "Too slow."),
        };

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        Assert.Equal(scenario.Time.GetUtcNow() + TimeSpan.FromHours(25), scenario.Record.RelayAt);
    }

    [Fact]
    public async Task A_note_that_fails_does_not_hide_the_failure()
    {
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, _) => throw new FetchException(FailureReason.Timeout, permanent: false, "Too slow."),
        };
        scenario.Store.Port.PatchAsync(default, default!, Cancellation).ThrowsAsyncForAnyArgs(new StoreUnavailableException("The disk is full."));

        var error = await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        Assert.Contains("Too slow.", error.Message, StringComparison.Ordinal);
        Assert.Contains("The disk is full.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_an_attempt_whose_run_another_completed_is_acknowledged()
    {
        var scenario = new EnrichmentScenario();
        scenario.Fetched = (_, _) =>
        {
            scenario.Record = scenario.Record with { Status = EventStatus.Completed };
            throw new FetchException(FailureReason.Timeout, permanent: false, "Too slow.");
        };

        await scenario.DeliverAsync();

        Assert.Equal(EventStatus.Completed, scenario.Record.Status);
        Assert.Equal(0, scenario.Record.Attempts);
    }

    [Fact]
    public async Task An_error_that_nobody_foresaw_is_noted_without_its_message_and_tried_again()
    {
        var scenario = new EnrichmentScenario { Fetched = (_, _) => throw new InvalidOperationException("secret=1") };

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        Assert.Equal("The attempt failed: InvalidOperationException.", scenario.Record.Timeline[^1].Detail);
    }

    [Theory]
    [InlineData(FailureReason.DataNotFound)]
    [InlineData(FailureReason.AccessDenied)]
    [InlineData(FailureReason.BadAnswer)]
    [InlineData(FailureReason.TooLarge)]
    [InlineData(FailureReason.OutsideBaseUrl)]
    [InlineData(FailureReason.AddressRefused)]
    public async Task A_permanent_failure_of_the_fetch_fails_the_run_and_is_acknowledged(string reason)
    {
        var scenario = new EnrichmentScenario { Fetched = (_, _) => throw new FetchException(reason, permanent: true, "No.") };

        await scenario.DeliverAsync();

        AssertFailed(scenario, reason, "delivered", "failed");
        Assert.Equal("No.", scenario.Record.Timeline[^1].Detail);
    }

    [Fact]
    public async Task A_permanent_failure_that_cannot_be_written_down_is_delivered_again()
    {
        var scenario = new EnrichmentScenario { Fetched = (_, _) => throw new FetchException(FailureReason.DataNotFound, permanent: true, "No.") };
        scenario.CrashAt("before fail");
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());

        scenario.Restart();
        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.DataNotFound, "delivered", "failed");
    }

    [Fact]
    public async Task An_event_without_data_of_a_producer_that_keeps_none_fails_the_run()
    {
        var scenario = new EnrichmentScenario();
        scenario.Producer = scenario.Producer! with { Data = null };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.NoDataLocation, "delivered", "failed");
    }

    [Fact]
    public async Task An_event_that_names_no_place_while_its_producer_has_no_template_fails()
    {
        var scenario = new EnrichmentScenario();
        scenario.Producer = scenario.Producer! with { Data = new ProducerData { BaseUrl = new Uri("https://policies.example.com/") } };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.NoDataLocation, "delivered", "failed");
        Assert.Equal("The event has neither data nor a dataref, and its producer has no template for the data's URL.", scenario.Record.Timeline[^1].Detail);
    }

    [Theory]
    [InlineData(5, false)]
    [InlineData(6, true)]
    public async Task Of_many_errors_in_the_data_five_are_recorded_and_that_there_are_more(int errors, bool more)
    {
        string ObjectOf(string value) => $"{{{string.Join(',', Enumerable.Range(1, errors).Select(number => $"\"m{number}\":{value}"))}}}";
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, url) => new FetchedData(url, "application/json", null, Encoding.UTF8.GetBytes(ObjectOf("1"))),
        };
        var schema = $"{{\"properties\":{ObjectOf("{\"type\":\"string\"}")}}}";
        scenario.Producer = scenario.Producer! with { Types = scenario.Producer.Types.SetItem("policy.renewed", new ProducerType { DataSchema = schema }) };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.SchemaViolation, "delivered", "failed");
        var detail = scenario.Record.Timeline[^1].Detail!;
        Assert.Equal(5, detail.Split("#/m").Length - 1);
        Assert.Equal(more, detail.EndsWith(" There are more.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_source_that_is_not_registered_any_more_fails_the_run()
    {
        var scenario = new EnrichmentScenario { Producer = null };
        scenario.Time.Advance(TimeSpan.FromMinutes(2));

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.UnknownProducer, "delivered", "failed");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_source_that_another_instance_registered_just_before_the_run_is_looked_for_again(int run)
    {
        var scenario = new EnrichmentScenario { Producer = null };
        if (run > 0)
        {
            scenario.Time.Advance(TimeSpan.FromDays(1));
            scenario.Record = scenario.Record with
            {
                Run = run,
                Timeline = scenario.Record.Timeline.Add(new TimelineEntry(scenario.Time.GetUtcNow(), TimelineStep.Replayed, run)),
            };
        }

        scenario.Time.Advance(TimeSpan.FromSeconds(119));

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync(run: run));

        Assert.Equal(EventStatus.Enriching, scenario.Record.Status);
    }

    [Fact]
    public async Task A_dataref_that_leads_out_of_the_base_url_is_never_fetched()
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Event = scenario.Record.Event with { DataRef = "https://evil.example/api/" } };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.OutsideBaseUrl, "delivered", "failed");
        Assert.Equal(0, scenario.Fetches);
    }

    [Fact]
    public async Task Data_that_is_not_what_its_content_type_says_fails_the_run()
    {
        var scenario = new EnrichmentScenario
        {
            Fetched = (_, url) => new FetchedData(url, "application/json", null, Encoding.UTF8.GetBytes("{\"a\":")),
        };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.InvalidContent, "delivered", "failed");
        Assert.Empty(scenario.Store.Data);
    }

    [Fact]
    public async Task An_enriched_event_that_the_topic_rejects_fails_the_run()
    {
        var scenario = new EnrichmentScenario();
        scenario.Publisher.PublishAsync(default!, Cancellation).ThrowsAsyncForAnyArgs(new PublishException(PublishFailure.Rejected, "400"));

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.Unpublishable, "delivered", "fetched", "failed");
    }

    [Theory]
    [InlineData(PublishFailure.Unavailable)]
    [InlineData(PublishFailure.Denied)]
    public async Task A_topic_that_does_not_take_the_enriched_event_now_is_tried_again_with_the_same_data(PublishFailure failure)
    {
        var scenario = new EnrichmentScenario();
        var failing = true;
        scenario.Publisher.WhenForAnyArgs(p => p.PublishAsync(default!, Cancellation)).Do(_ =>
        {
            if (failing)
            {
                throw new PublishException(failure, "Not now.");
            }
        });
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => scenario.DeliverAsync());
        failing = false;

        scenario.Time.Advance(TimeSpan.FromSeconds(1));
        await scenario.DeliverAsync();

        Assert.Equal(1, scenario.Fetches);
        Assert.Equal(["recorded", "attemptFailed", "fetched", "delivered", "completed"], scenario.Record.Timeline.Select(e => e.What));
        Assert.Equal(2, scenario.Record.Timeline[^1].Attempt);
    }

    [Fact]
    public async Task An_attempt_that_takes_longer_than_its_budget_is_noted()
    {
        var scenario = new EnrichmentScenario();
        var fetching = new TaskCompletionSource();
        scenario.Client.FetchAsync(default!, default!, Cancellation).ReturnsForAnyArgs(async call =>
        {
            fetching.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, call.Arg<CancellationToken>());
            return null!;
        });
        var attempt = scenario.DeliverAsync();
        await fetching.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        scenario.Time.Advance(TimeSpan.FromSeconds(20));

        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => attempt);
        Assert.Equal(EventStatus.Enriching, scenario.Record.Status);
        Assert.Equal("The attempt took longer than 00:00:20.", scenario.Record.Timeline[^1].Detail);
    }

    [Fact]
    public async Task Fetched_urls_are_told_without_their_query()
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Event = scenario.Record.Event with { DataRef = "policies/42?sig=secret" } };

        await scenario.DeliverAsync();

        Assert.Equal("https://policies.example.com/api/policies/42", scenario.Record.Timeline[^2].Detail);
        Assert.Equal("https://policies.example.com/api/policies/42?sig=secret", Assert.Single(scenario.Store.Data).Url);
    }

    [Theory]
    [InlineData("00:00:26", null, "Enrichment:Budget")]
    [InlineData("00:00:20", "1.00:00:00", "Enrichment:RecordTimeToLive")]
    public void Settings_that_would_lose_events_are_refused_by_name(string budget, string? timeToLive, string named)
    {
        var options = new EnrichmentOptions
        {
            Budget = TimeSpan.Parse(budget, null),
            RecordTimeToLive = timeToLive is null ? null : TimeSpan.Parse(timeToLive, null),
        };

        Assert.StartsWith(named, Assert.Single(options.Validate()), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_would_outlive_its_record_is_refused_by_name()
    {
        var options = new EnrichmentOptions { RecordTimeToLive = TimeSpan.FromDays(30), DataTimeToLive = TimeSpan.FromDays(31) };

        var error = Assert.Single(options.Validate());

        Assert.StartsWith("Enrichment:DataTimeToLive is 31.00:00:00, but", error, StringComparison.Ordinal);
        Assert.Contains("Enrichment:RecordTimeToLive is 30.00:00:00", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Budgets_longer_than_Event_Grids_timeout_are_refused_with_an_example() => Assert.Equal(
        "Enrichment:Budget (00:00:25) and Enrichment:NoteBudget (00:00:05) must be above zero and together below 00:00:30, "
        + "Event Grid's timeout; example: 00:00:20 and 00:00:05.",
        Assert.Single(new EnrichmentOptions { Budget = TimeSpan.FromSeconds(25), NoteBudget = TimeSpan.FromSeconds(5) }.Validate()));

    [Fact]
    public void Data_is_compared_with_the_default_of_its_record() => Assert.Contains(
        "Enrichment:RecordTimeToLive is 90.00:00:00",
        Assert.Single(new EnrichmentOptions { DataTimeToLive = TimeSpan.FromDays(91) }.Validate()),
        StringComparison.Ordinal);

    [Fact]
    public void A_time_to_live_contradicts_keeping_for_ever() => Assert.Equal(
        "Enrichment:KeepForever is true, but Enrichment:RecordTimeToLive is 90.00:00:00. Remove one of them.",
        Assert.Single(new EnrichmentOptions { KeepForever = true, RecordTimeToLive = TimeSpan.FromDays(90) }.Validate()));

    [Fact]
    public async Task An_event_that_was_erased_before_its_delivery_is_neither_fetched_nor_delivered_to_webhooks()
    {
        var scenario = new EnrichmentScenario();
        scenario.Record = scenario.Record with { Erased = true };

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.Erased, TimelineStep.Delivered, TimelineStep.Failed);
        Assert.Equal(0, scenario.Fetches);
        Assert.Empty(scenario.Deliveries);
    }

    [Fact]
    public async Task An_attempt_that_finds_the_mark_of_an_erasure_reports_no_fetched_data()
    {
        var scenario = new EnrichmentScenario();
        scenario.Store.Leave(FullData.Erasure(scenario.Record, 0, scenario.Time.GetUtcNow()));

        await scenario.DeliverAsync();

        AssertFailed(scenario, FailureReason.Erased, TimelineStep.Delivered, TimelineStep.Failed);
    }

    private static void AssertFailed(EnrichmentScenario scenario, string reason, params string[] told)
    {
        Assert.Equal(EventStatus.Failed, scenario.Record.Status);
        Assert.Equal(reason, scenario.Record.Reason);
        Assert.Null(scenario.Record.RelayAt);
        Assert.Equal(told, scenario.Record.Timeline.Skip(1).Select(e => e.What));
        Assert.Empty(scenario.Published);
    }
}
