using System.Text;
using System.Text.Json.Nodes;
using EventFunctions.Intake.Quotas;
using EventFunctions.Monitoring;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Contract;

public sealed class AsyncApiTests
{
    private static readonly string[] Messages = ["notification", "enriched", "missing", "resumed", "webhookFailing", "webhookDisabled", "quotaExceeded", "eventFailed", "postedNotification", "postedEnriched", "test"];

    [Fact]
    public void Every_message_can_be_checked_and_its_examples_pass()
    {
        Assert.Equal(Messages, ContractDocument.AsyncApi.Root["components"]!["messages"]!.AsObject().Select(message => message.Key));
        Assert.All(Messages, message =>
        {
            Assert.Empty(JsonSchemas.Check(Schema(message)));
            var examples = Message(message)["examples"]!.AsArray();
            Assert.NotEmpty(examples);
            Assert.All(examples, example => Assert.Empty(Faults(message, example!["payload"]!.ToJsonString())));
        });
    }

    [Fact]
    public async Task What_is_delivered_is_as_the_contract_says()
    {
        await using var consumer = await Consumer.StartAsync();
        await using var service = await Service.StartAsync(consumer, settings: [("Producers:stub:types:thing.changed:changes", "true")]);
        using var posted = await service.PostAsync(Service.Event("1", """{"premium":512.40}"""));
        await Poll.UntilAsync(() => consumer.Received.ContainsKey("1:enriched"), () => string.Join(' ', consumer.Received.Keys));
        using var later = await service.PostAsync(Service.Structured(
            $$"""{"specversion":"1.0","id":"2","source":"{{Service.Source}}","type":"thing.changed","subject":"1","colour":"red","time":"2099-01-01T00:00:00Z"}"""));
        await Poll.UntilAsync(() => consumer.Received.ContainsKey("2:enriched"), () => string.Join(' ', consumer.Received.Keys));

        Assert.All(consumer.Received.Values.SelectMany(copies => copies), received =>
            Assert.Empty(Faults(received.Contains("thing.changed.enriched", StringComparison.Ordinal) ? "enriched" : "notification", received)));
        Assert.Contains("\"previousid\"", consumer.Received["2:enriched"].First(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MonitorEvent.MissingType, "missing", null, null)]
    [InlineData(MonitorEvent.MissingType, "missing", "policy-42", null)]
    [InlineData(MonitorEvent.ResumedType, "resumed", "policy-42", "2026-03-01T15:00:00.000Z")]
    public void What_monitoring_says_is_as_the_contract_says(string type, string message, string? subject, string? resumedAt)
    {
        var own = MonitorEvent.Create(
            new Expectation("policies", "/insurance/policies", "policy.renewed", TimeSpan.FromHours(1), PerEntity: subject is not null),
            subject is null ? null : new EntityKey("/insurance/policies", subject),
            new MonitorNotice(type, message + "-abc-1", "2026-03-01T13:03:00.000Z", TimeSpan.TicksPerHour, "2026-03-01T12:00:00.000Z", "2026-03-01T13:00:00.000Z", resumedAt));

        Assert.Empty(Faults(message, Encoding.UTF8.GetString(EventEncoder.Encode(own, run: 0).Span)));
    }

    [Theory]
    [InlineData(50, WebhookDisabledReason.Failing, "webhookFailing")]
    [InlineData(100, WebhookDisabledReason.Failing, "webhookDisabled")]
    [InlineData(100, WebhookDisabledReason.Gone, "webhookDisabled")]
    public void What_is_said_of_a_webhook_is_as_the_contract_says(int percent, string reason, string message)
    {
        var since = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        var own = EndpointNoticeEvent.Create("crm", new EndpointNotice(since.AddDays(2), percent, reason, since));

        Assert.Empty(Faults(message, Encoding.UTF8.GetString(EventEncoder.Encode(own, run: 0).Span)));
    }

    [Fact]
    public void What_is_said_of_a_quota_is_as_the_contract_says()
    {
        var own = QuotaEvent.Create(new() { Name = "policies", Source = "/s" }, 600, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Empty(Faults("quotaExceeded", Encoding.UTF8.GetString(EventEncoder.Encode(own, run: 0).Span)));
    }

    [Fact]
    public void What_tests_a_webhook_is_as_the_contract_says()
    {
        var webhook = new Webhook { Name = "crm", Url = new Uri("https://crm.example.com/"), Secrets = new WebhookSecrets(WebhookSecret.Create()) };

        Assert.Empty(Faults("test", Encoding.UTF8.GetString(WebhookTest.Encode(webhook, "test-1", TimeProvider.System.GetUtcNow()).Span)));
    }

    private static JsonObject Message(string name) => ContractDocument.AsyncApi.Root["components"]!["messages"]![name]!.AsObject();

    private static string Schema(string message) => ContractDocument.AsyncApi.Bundle(Message(message)["payload"]!, isClosed: false);

    private static IEnumerable<string> Faults(string message, string json) =>
        ContractDocument.AsyncApi.Check(Schema(message), Encoding.UTF8.GetBytes(json));
}
