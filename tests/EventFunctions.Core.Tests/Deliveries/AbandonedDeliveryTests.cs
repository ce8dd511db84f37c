using EventFunctions.Definitions;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

/// <summary>Deliveries whose event or webhook is missing, or cannot be read yet.</summary>
public sealed class AbandonedDeliveryTests : IAsyncDisposable
{
    private static readonly Precondition AnyState = new() { IfMatch = ["*"] };

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task A_deleted_webhooks_deliveries_are_abandoned()
    {
        await _scenario.RegisterAsync();
        var one = await _scenario.DispatchAsync("1");
        await _scenario.First.Registry.DeleteAsync("crm", AnyState, Stop);
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));

        var delivery = await _scenario.ReadAsync(one);
        Assert.Empty(_scenario.Customer.Requests);
        Assert.Equal((DeliveryStatus.Abandoned, DeliveryReason.Deleted), (delivery.Status, delivery.Reason));
    }

    [Fact]
    public async Task An_instance_that_cannot_read_a_new_webhook_yet_abandons_nothing()
    {
        await _scenario.RegisterAsync();
        await _scenario.DispatchAsync("1");
        var webhook = await _scenario.Documents.ReadAsync(DocumentContainer.Webhooks, "crm", WebhookDocuments.Id, Stop);
        await _scenario.Documents.DeleteAsync(DocumentContainer.Webhooks, "crm", WebhookDocuments.Id, null, Stop);
        var other = _scenario.Start();
        await _scenario.WorkAsync(other);
        await _scenario.Documents.CreateAsync(DocumentContainer.Webhooks, new Document("crm", WebhookDocuments.Id, webhook!.Body), Stop);

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10), other);
        Assert.Single(_scenario.Customer.Requests);
    }

    [Fact]
    public async Task What_has_expired_is_waited_for_a_while_and_then_abandoned()
    {
        await _scenario.RegisterAsync();
        var one = _scenario.Describe(StoreSamples.Record("gone", DeliveryScenario.Source));
        await _scenario.DispatchAsync([one]);
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(DeliveryStatus.Pending, (await _scenario.ReadAsync(one)).Status);

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(2));
        var delivery = await _scenario.ReadAsync(one);
        Assert.Empty(_scenario.Customer.Requests);
        Assert.Equal((DeliveryStatus.Abandoned, DeliveryReason.Expired), (delivery.Status, delivery.Reason));
    }

    [Fact]
    public async Task What_cannot_be_read_yet_is_waited_for_also_by_an_instance_whose_clock_is_ahead()
    {
        await _scenario.RegisterAsync();
        var record = StoreSamples.Record("late", DeliveryScenario.Source);
        await _scenario.DispatchAsync([_scenario.Describe(record)]);
        _scenario.Time.Advance(TimeSpan.FromMinutes(5));
        await _scenario.WorkAsync();
        await _scenario.Store.CreateAsync([record], Stop);

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10));
        Assert.Single(_scenario.Customer.Requests);
    }
}
