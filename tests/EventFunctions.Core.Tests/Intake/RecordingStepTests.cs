using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry.Health;
using EventFunctions.Tests.Publication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

public sealed class RecordingStepTests
{
    private static readonly Uri BaseUrl = new("https://policies.example.com/");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain", true)]
    [InlineData("with a base URL", true)]
    [InlineData("with a schema of the full data", true)]
    [InlineData("with a dataref", false)]
    [InlineData("with a template", false)]
    [InlineData("with changes", false)]
    [InlineData("filtered", false)]
    [InlineData("not enriched", false)]
    public async Task An_event_is_its_own_full_data_if_nothing_else_has_to_be_fetched_or_frozen(string what, bool expected)
    {
        using var filters = JsonDocument.Parse("""[{"operatorType":"IsNotNull","key":"data.missing"}]""");
        var none = AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []);
        var producer = new Producer { Name = "policies", Source = "/s" };
        var type = new ProducerType();
        var sent = new EventNotification { Id = "1", Source = "/s", Type = "t", Data = EventContent.FromJson("{}") };
        (producer, type, sent) = what switch
        {
            "with a base URL" => (producer with { Data = new ProducerData { BaseUrl = BaseUrl } }, type, sent),
            "with a schema of the full data" => (producer, type with { DataSchema = "true" }, sent),
            "with a dataref" => (producer with { Data = new ProducerData { BaseUrl = BaseUrl } }, type, sent with { DataRef = "policies/42" }),
            "with a template" => (producer with { Data = new ProducerData { BaseUrl = BaseUrl, Template = "policies/{id}" } }, type, sent),
            "with changes" => (producer, type with { Changes = true }, sent),
            "filtered" => (producer, type with { Publish = none }, sent),
            "not enriched" => (producer, type with { Enrich = none }, sent),
            _ => (producer, type, sent),
        };
        List<EventRecord> created = [];
        var store = Substitute.For<IEventStore>();
        store.CreateAsync([], Stop).ReturnsForAnyArgs(call =>
        {
            created.AddRange(call.Arg<IReadOnlyList<EventRecord>>());
            return [true];
        });
        var time = new FakeTimeProvider();
        var intake = TestIntake.Over(
            store, TestIntake.Registry(producer with { Types = producer.Types.Add("t", type) }), TestPublisher.Over(new TopicDouble().Port, time), time);

        await intake.AcceptAsync([sent], Stop);

        Assert.Equal(expected, Assert.Single(created).OwnData);
    }

    [Fact]
    public async Task A_store_that_takes_no_event_is_unhealthy_until_it_takes_one()
    {
        var store = Substitute.For<IEventStore>();
        var isDown = true;
        store.CreateAsync([], Stop).ReturnsForAnyArgs(_ => isDown ? throw new StoreUnavailableException("down") : [true]);
        var time = new FakeTimeProvider();
        var health = new StoreHealth(store, time, NullLogger<StoreHealth>.Instance);
        var intake = TestIntake.Over(
            store, TestIntake.Registry(new Producer { Name = "policies", Source = "/s" }), TestPublisher.Over(new TopicDouble().Port, time), time, health: health);
        var sent = new EventNotification { Id = "1", Source = "/s", Type = "t", Data = EventContent.FromJson("{}") };
        Assert.True(await health.IsHealthyAsync(Stop));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => intake.AcceptAsync([sent], Stop));
        Assert.False(await health.IsHealthyAsync(Stop));
        isDown = false;
        await intake.AcceptAsync([sent], Stop);
        Assert.True(await health.IsHealthyAsync(Stop));
    }
}
