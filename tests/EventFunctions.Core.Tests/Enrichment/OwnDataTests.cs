using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Enrichment;

/// <summary>An event that carries its own data needs no data item: its record holds all that the enriched event is made of.</summary>
public sealed class OwnDataTests
{
    private readonly EnrichmentScenario _scenario = new();

    public OwnDataTests()
    {
        _scenario.Producer = _scenario.Producer! with { Data = null };
        _scenario.Record = _scenario.Record with
        {
            OwnData = true,
            Linked = true,
            Entity = new EntityKey(EnrichmentScenario.Key.Source, "policy-42"),
            Event = _scenario.Record.Event with { Data = EventContent.FromJson("""{"premium":1.10}""") },
        };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_takes_one_read_and_one_write_and_22_and_a_half_request_units()
    {
        _scenario.Record = _scenario.Record with { Linked = false };

        await _scenario.DeliverAsync();

        Assert.Equal(["read", "complete"], _scenario.Store.Steps);
        Assert.Equal(22.5, StoreCharges.CreateRecord.RequestUnits + StoreCharges.Read.RequestUnits + StoreCharges.PatchRecord.RequestUnits);
        Assert.Contains("\"data\":{\"premium\":1.10}", Assert.Single(_scenario.Published), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_timeline_tells_that_the_data_was_there_when_the_event_was_delivered()
    {
        _scenario.Time.Advance(TimeSpan.FromHours(2));

        await _scenario.DeliverAsync();

        var told = _scenario.Record.Timeline.Skip(1).ToList();
        Assert.Equal(["delivered", "fetched", "completed"], told.Select(entry => entry.What));
        Assert.All(told, entry => Assert.Equal(_scenario.Time.GetUtcNow(), entry.At));
        Assert.Equal("The event's own data.", told[1].Detail);
        Assert.Equal(0, _scenario.Record.EnrichedRun);
    }

    [Theory]
    [InlineData("after read")]
    [InlineData("after dispatch thin")]
    [InlineData("before publish")]
    [InlineData("after publish")]
    [InlineData("after dispatch enriched")]
    [InlineData("after link")]
    [InlineData("before complete")]
    [InlineData("after complete")]
    public async Task After_a_crash_at_any_step_the_next_delivery_publishes_the_same_even_if_the_producer_names_another_place_by_then(string moment)
    {
        _scenario.CrashAt(moment);
        await Assert.ThrowsAsync<EnrichmentIncompleteException>(() => _scenario.DeliverAsync());

        _scenario.Restart();
        _scenario.Producer = new EnrichmentScenario().Producer;
        _scenario.Time.Advance(TimeSpan.FromSeconds(10));
        await _scenario.DeliverAsync();

        Assert.Equal((EventStatus.Completed, 0), (_scenario.Record.Status, _scenario.Fetches));
        Assert.Contains("\"premium\":1.10", Assert.Single(_scenario.Published.Distinct()), StringComparison.Ordinal);
        Assert.Empty(_scenario.Store.Data);
        Assert.Equal(["fetched", "completed"], _scenario.Record.Timeline.Select(entry => entry.What).Where(what => what is "fetched" or "completed"));
        Assert.Equal(["enriched:0", "thin:0"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.Single(_scenario.Links);
    }

    [Fact]
    public async Task The_relay_dispatches_the_enriched_event_that_the_run_left()
    {
        _scenario.FailAt("before dispatch enriched");
        await _scenario.DeliverAsync();
        Assert.Equal(EventParts.Enriched, _scenario.Record.Pending);

        _scenario.FailAt(null);
        await _scenario.RelayAsync();

        Assert.Equal(["enriched:0", "thin:0"], _scenario.Deliveries.Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("readData", _scenario.Store.Steps);
    }

    [Fact]
    public async Task A_replay_goes_by_the_definition_of_its_time_and_each_run_keeps_its_content()
    {
        await _scenario.DeliverAsync();
        _scenario.Producer = new EnrichmentScenario().Producer;
        var now = _scenario.Time.GetUtcNow();
        _scenario.Store.Patch(EnrichmentScenario.Key, RecordPatch.Replayed(0, new TimelineEntry(now, TimelineStep.Replayed, 1), now));

        await _scenario.DeliverAsync(run: 1);

        Assert.Equal("""{"premium":1.10}""", Text(await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 0, Cancellation)));
        Assert.StartsWith("""{"version":1""", Text(await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 1, Cancellation)), StringComparison.Ordinal);
        Assert.Equal(1, Assert.Single(_scenario.Store.Data).Run);
    }

    [Fact]
    public async Task It_is_there_from_the_first_publication_on_and_the_same_after_the_end()
    {
        var before = await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 0, Cancellation);
        await _scenario.DeliverAsync();

        Assert.NotNull(before);
        Assert.Equal(before, await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 0, Cancellation));
        Assert.Null(await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 1, Cancellation));
    }

    [Fact]
    public async Task A_run_that_failed_has_no_full_data()
    {
        _scenario.Producer = _scenario.Producer! with { Types = _scenario.Producer.Types.SetItem("policy.renewed", new ProducerType { DataSchema = "false" }) };

        await _scenario.DeliverAsync();

        Assert.Equal((EventStatus.Failed, FailureReason.SchemaViolation), (_scenario.Record.Status, _scenario.Record.Reason));
        Assert.Null(await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 0, Cancellation));
    }

    [Fact]
    public async Task Once_the_event_is_erased_only_the_mark_is_there()
    {
        await _scenario.DeliverAsync();
        _scenario.Store.Patch(EnrichmentScenario.Key, RecordPatch.Erased(0, new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Erased)));
        _scenario.Store.Leave(FullData.Erasure(_scenario.Record, 0, _scenario.Time.GetUtcNow()));

        Assert.True((await _scenario.Store.Port.ReadDataAsync(_scenario.Record, 0, Cancellation))!.Erased);
    }

    private static string Text(FullData? data) => Encoding.UTF8.GetString(data!.Content.Bytes.Span);
}
