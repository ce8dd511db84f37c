using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Filters;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Enrichment;

public sealed class EarlierEventTests
{
    private static readonly EntityKey Entity = new(EnrichmentScenario.Key.Source, "policy-42");

    private readonly EnrichmentScenario _scenario = new(new EnrichmentOptions { DataTimeToLive = TimeSpan.FromDays(100) });

    private void HasEarlier(string? data, string? own = null, bool erased = false)
    {
        var happened = new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);
        var earlier = _scenario.Record with
        {
            Entity = Entity,
            Linked = true,
            Event = new EventNotification { Id = "4710", Source = Entity.Source, Type = "policy.opened" },
            RecordedAt = happened,
            OwnData = own is not null,
        };
        _scenario.Store[earlier.Key] = earlier with
        {
            Erased = erased,
            Event = earlier.Event with { Data = own is null || erased ? null : EventContent.FromJson(own) },
        };
        _scenario.Record = _scenario.Record with { Entity = Entity, Linked = true };
        SetType(new ProducerType { Changes = true });
        _scenario.Documents.QueryAsync(
                Arg.Is<DocumentQuery>(query => query.Partition == Entity.Id && query.Equal["producer"] == "policies" && query.To == "2026-05-04T12:00:00.000Z"),
                Arg.Any<CancellationToken>())
            .Returns(new DocumentPage([Stored(EntityLink.Of(earlier, own is null ? 2 : 0).ToDocument(null))], null));
        _scenario.Store.Port.ReadDataAsync(earlier.Key, 2, Arg.Any<CancellationToken>()).Returns(data is null ? null : new FullData
        {
            Key = earlier.Key,
            Run = 2,
            Type = "policy.opened",
            FetchedAt = happened,
            Url = "https://policies.example.com/api/policies/policy-42",
            Content = EventContent.FromJson(data),
        });
    }

    private static StoredDocument Stored(Document link) => new(link.Partition, link.Id, link.Body, "1");

    private void Sends(string json) =>
        _scenario.Fetched = (_, url) => new FetchedData(url, "application/json", null, Encoding.UTF8.GetBytes(json));

    private JsonElement Published()
    {
        using var json = JsonDocument.Parse(Assert.Single(_scenario.Published));
        return json.RootElement.Clone();
    }

    [Fact]
    public async Task The_enriched_event_names_the_one_before_and_what_changed_since()
    {
        HasEarlier("""{"state":"open","premium":100.10,"tags":["a"]}""");
        Sends("""{"state":"open","premium":123456789012345678901234567890.1,"tags":["a","b"]}""");

        await _scenario.DeliverAsync();

        var published = Published();
        Assert.Equal("4710", published.GetProperty("previousid").GetString());
        Assert.Equal("2026-05-03T12:00:00.000Z", published.GetProperty("previoustime").GetString());
        Assert.Equal(
            """[{"op":"replace","path":"/premium","value":123456789012345678901234567890.1},{"op":"add","path":"/tags/1","value":"b"}]""",
            published.GetProperty("changes").GetString());
        Assert.Equal("open", published.GetProperty("data").GetProperty("state").GetString());
    }

    [Theory]
    [InlineData(false, """[{"op":"replace","path":"/0","value":2}]""")]
    [InlineData(true, null)]
    public async Task Changes_are_also_computed_from_the_own_data_of_the_event_before_unless_it_was_erased(bool erased, string? changes)
    {
        HasEarlier(null, own: "[1]", erased);
        Sends("[2]");

        await _scenario.DeliverAsync();

        Assert.Equal("4710", Published().GetProperty("previousid").GetString());
        Assert.Equal(changes, Published().TryGetProperty("changes", out var found) ? found.GetString() : null);
    }

    [Fact]
    public async Task Where_the_earlier_data_is_gone_the_event_before_is_named_all_the_same()
    {
        HasEarlier(null);
        Sends("[1]");

        await _scenario.DeliverAsync();

        Assert.Equal("4710", Published().GetProperty("previousid").GetString());
        Assert.False(Published().TryGetProperty("changes", out _));
    }

    [Fact]
    public async Task Changes_larger_than_an_attribute_may_be_are_left_out()
    {
        HasEarlier("[]");
        Sends(JsonSerializer.Serialize(new string('x', PreviousData.MaxChangesBytes)));

        await _scenario.DeliverAsync();

        Assert.False(Published().TryGetProperty("changes", out _));
        Assert.Equal("4710", Published().GetProperty("previousid").GetString());
    }

    [Fact]
    public async Task What_changed_is_frozen_with_the_data()
    {
        HasEarlier("[1]");
        Sends("[2]");
        _scenario.CrashAt("after createData");
        await Assert.ThrowsAnyAsync<Exception>(() => _scenario.DeliverAsync());
        _scenario.Restart();
        HasEarlier("[3]");
        _scenario.Time.Advance(TimeSpan.FromSeconds(30));

        await _scenario.DeliverAsync();

        Assert.Equal("""[{"op":"replace","path":"/0","value":2}]""", Published().GetProperty("changes").GetString());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Nothing_is_asked_without_an_entity_or_if_the_type_does_not_ask_for_changes(bool linked, bool changes)
    {
        HasEarlier("[1]");
        _scenario.Record = _scenario.Record with { Linked = linked };
        SetType(new ProducerType { Changes = changes });

        await _scenario.DeliverAsync();

        await _scenario.Documents.DidNotReceiveWithAnyArgs().QueryAsync(default!, TestContext.Current.CancellationToken);
        Assert.False(Published().TryGetProperty("previousid", out _));
    }

    [Fact]
    public async Task The_link_of_a_failed_event_has_no_data()
    {
        HasEarlier(null);
        SetType(new ProducerType { DataSchema = "false" });

        await _scenario.DeliverAsync();

        Assert.Equal(EventStatus.Failed, _scenario.Record.Status);
        var link = EntityLink.Read(Stored(Assert.Single(_scenario.Links.Values)));
        Assert.Equal((EnrichmentScenario.Key, null), (link.Key, link.Run));
    }

    [Fact]
    public async Task Full_data_that_violates_its_schema_is_a_permanent_failure_without_its_values()
    {
        SetType(new ProducerType { DataSchema = """{"required":["premium"],"properties":{"name":{"maxLength":3}}}""" });
        Sends("""{"name":"secret"}""");

        await _scenario.DeliverAsync();

        Assert.Equal((EventStatus.Failed, FailureReason.SchemaViolation), (_scenario.Record.Status, _scenario.Record.Reason));
        var detail = _scenario.Record.Timeline[^1].Detail!;
        Assert.Contains("#/premium", detail, StringComparison.Ordinal);
        Assert.Contains("#/name", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", detail, StringComparison.Ordinal);
        Assert.Empty(_scenario.Published);
        Assert.Empty(_scenario.Store.Data);
    }

    [Fact]
    public async Task A_violation_below_a_name_that_the_schema_does_not_have_tells_no_name()
    {
        SetType(new ProducerType { DataSchema = """{"properties":{"people":{"additionalProperties":{"properties":{"age":{"type":"integer"}}},"propertyNames":{"maxLength":3}}}}""" });
        Sends("""{"people":{"ann@example.com":{"age":"secret"}}}""");

        await _scenario.DeliverAsync();

        var detail = _scenario.Record.Timeline[^1].Detail!;
        Assert.Contains("#/people/*/age:", detail, StringComparison.Ordinal);
        Assert.Contains("#/people/*:", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_rules_do_not_enrich_is_completed_without_a_fetch(bool readMisses)
    {
        using var filters = JsonDocument.Parse("""[{"operatorType":"IsNotNull","key":"data.premium"}]""");
        SetType(new ProducerType { Enrich = AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []) });
        var reads = 0;
        _scenario.Store.Seen = record => readMisses && Interlocked.Increment(ref reads) == 1 ? null : record;

        await _scenario.DeliverAsync();

        Assert.Equal(EventStatus.Completed, _scenario.Record.Status);
        Assert.Equal("enrich[0] IsNotNull data.premium", _scenario.Record.Reason);
        Assert.Contains("enrich[0]", _scenario.Record.Timeline[^1].Detail, StringComparison.Ordinal);
        Assert.Equal(0, _scenario.Fetches);
        Assert.Empty(_scenario.Published);
    }

    [Fact]
    public async Task A_producers_own_days_decide_how_long_things_are_kept()
    {
        _scenario.Producer = _scenario.Producer! with { Retention = new ProducerRetention { RecordDays = 20, DataDays = 10 } };

        await _scenario.DeliverAsync();

        Assert.Equal(TimeSpan.FromDays(20), _scenario.Record.TimeToLive);
        Assert.Equal(TimeSpan.FromDays(10), Assert.Single(_scenario.Store.Data).TimeToLive);
    }

    [Fact]
    public async Task Full_data_is_never_kept_longer_than_its_record()
    {
        // The settings say a hundred days for data.
        _scenario.Producer = _scenario.Producer! with { Retention = new ProducerRetention { RecordDays = 10 } };

        await _scenario.DeliverAsync();

        Assert.Equal(TimeSpan.FromDays(10), Assert.Single(_scenario.Store.Data).TimeToLive);
    }

    private void SetType(ProducerType type) =>
        _scenario.Producer = _scenario.Producer! with { Types = _scenario.Producer.Types.SetItem("policy.renewed", type) };
}
