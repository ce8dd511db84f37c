using System.Text.Json;
using EventFunctions.Filters;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Deliveries;

public sealed class OwnEventDispatchTests : IAsyncDisposable
{
    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Theory]
    [InlineData("eventfunctions.webhook.disabled", true)]
    [InlineData("eventfunctions.webhook.failing", false)]
    public async Task An_event_of_the_service_is_recorded_if_a_webhook_asks_for_its_type(string type, bool isRecorded)
    {
        using var filters = JsonDocument.Parse($$"""[{"operatorType":"StringIn","key":"type","values":["{{type}}"]}]""");
        await _scenario.RegisterAsync();
        await _scenario.RegisterAsync("watch", definition => definition with { Filters = AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []) });
        _scenario.Customer.Answer = (request, _) => Task.FromResult(Customer.Status(request.Url == DeliveryScenario.UrlOf("crm") ? 410 : 200));

        await _scenario.DispatchAsync("gone");
        await _scenario.WorkAsync();

        var recorded = await _scenario.Store.ListAsync(new EventQuery { Limit = 10 }, Stop);
        Assert.Equal(isRecorded ? ["eventfunctions.webhook.disabled", "policy.renewed"] : ["policy.renewed"], recorded.Items.Select(record => record.Event.Type).Order());
    }
}
