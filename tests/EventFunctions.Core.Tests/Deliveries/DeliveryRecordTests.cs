using System.Buffers;
using System.Text.Json;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

public sealed class DeliveryRecordTests
{
    private static readonly Delivery Enriched = new()
    {
        Webhook = "crm",
        Id = "msg_1",
        Source = "/insurance/policies",
        EventId = "1",
        Type = "policy.renewed.enriched",
        Run = 2,
        Enriched = true,
        Status = DeliveryStatus.Pending,
        CreatedAt = DateTimeOffset.UnixEpoch,
        WebhookRegisteredAt = DateTimeOffset.UnixEpoch,
        Job = "job-1",
    };

    [Fact]
    public void The_delivered_event_is_the_enriched_one_or_the_one_that_was_sent()
    {
        Assert.Equal("1:enriched:2", Enriched.Delivered.Id);
        Assert.Equal("1", (Enriched with { Enriched = false }).Delivered.Id);
    }

    [Fact]
    public void A_delivery_shows_the_job_that_made_it()
    {
        Assert.Equal("job-1", Shown(Enriched).GetProperty("job").GetString());
        Assert.False(Shown(Enriched with { Job = null }).TryGetProperty("job", out _));
    }

    private static JsonElement Shown(Delivery delivery)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            DeliveryJson.Write(writer, delivery);
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }
}
