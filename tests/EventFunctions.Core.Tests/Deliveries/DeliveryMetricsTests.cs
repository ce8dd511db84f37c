using EventFunctions.Tests.Telemetry;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Deliveries;

public sealed class DeliveryMetricsTests
{
    [Fact]
    public async Task Each_attempt_is_measured_with_its_duration_and_its_result()
    {
        using var measured = new MeasuredMetrics();
        await using var scenario = new DeliveryScenario(metrics: measured.Metrics);
        var webhook = await scenario.RegisterAsync(with: definition => definition with { Retry = WebhookRetry.Of([TimeSpan.FromHours(1)]) });
        Queue<EndpointResponse> answers = new([
            Customer.Status(200),
            Customer.Status(404),
            new(null, WebhookFault.Timeout, webhook.Timeout, null, null),
            new(null, null, TimeSpan.Zero, null, null)]);
        scenario.Customer.Answer = (_, _) => Task.FromResult(answers.Dequeue());

        for (var i = 0; answers.Count > 0; i++)
        {
            await scenario.DispatchAsync($"{i}");
            await scenario.WorkAsync();
        }

        Assert.Equal(
            ["0.007 delivered", "0.007 404", $"{webhook.Timeout.TotalSeconds} timeout", "0 connection"],
            measured.Of("eventfunctions.webhook.delivery.duration"));
    }
}
