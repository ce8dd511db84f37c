using EventFunctions.Enrichment;
using EventFunctions.Records;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Deliveries;

public sealed class MissedDeliveriesTests : IAsyncDisposable
{
    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Theory]
    [InlineData(EventStatus.Recorded, null, true)]
    [InlineData(EventStatus.Failed, FailureReason.SchemaViolation, true)]
    [InlineData(EventStatus.Failed, FailureReason.Unpublishable, false)]
    [InlineData(EventStatus.Filtered, "a filter", false)]
    public async Task A_missed_event_is_delivered_unless_it_never_was_on_the_topic(EventStatus status, string? reason, bool isMade)
    {
        await _scenario.RegisterAsync();
        var record = StoreSamples.Record("1", DeliveryScenario.Source, status: status) with { Reason = reason };
        await _scenario.Store.CreateAsync([record], Stop);
        var missed = new MissedDeliveries(_scenario.First.Registry, _scenario.Store, _scenario.First.Deliveries, Options.Create(new EnrichmentOptions()));

        Assert.Equal(isMade, await missed.MakeAsync("crm", record.Key, "job-1", Stop));

        Assert.Equal(isMade ? ["job-1"] : [], (await _scenario.AllAsync()).Select(delivery => delivery.Job));
    }
}
