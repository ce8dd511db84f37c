using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

public sealed class DeliveryLogTests : IAsyncDisposable
{
    private static readonly EventKey Key = new(DeliveryScenario.Source, "1");

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Deliveries_of_a_webhook_and_of_an_event_are_listed_newest_first()
    {
        await FailAsync(3);

        var ofWebhook = await Log().ListAsync(new DeliveryQuery("crm"), Stop);
        var ofEvent = await Log().ListAsync(Key, 10, null, Stop);

        Assert.Equal(["msg_2", "msg_1", "msg_0"], ofWebhook.Items.Select(delivery => delivery.Id));
        Assert.Equal(["msg_2", "msg_1", "msg_0"], ofEvent.Items.Select(delivery => delivery.Id));
    }

    [Theory]
    [InlineData("evt_1")]
    [InlineData("msg_/")]
    [InlineData("msg_a?b")]
    [InlineData("msg_12345678901234567890123456789012345678901234567890123456789a")]
    public async Task The_store_is_not_asked_for_an_ID_that_no_delivery_has(string id)
    {
        var documents = new WatchedDocuments(_scenario.Documents);

        Assert.Null(await Log(documents: documents).ReadAsync("crm", id, Stop));

        Assert.Equal(0, documents.Reads);
    }

    [Fact]
    public async Task A_failed_delivery_that_is_sent_again_has_all_its_attempts_and_one_that_waits_has_the_rest()
    {
        await FailAsync(1);
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(404, TimeSpan.FromHours(1)));
        var waiting = await _scenario.DispatchAsync("waits");
        await _scenario.WorkAsync();

        var failed = await Log().ResendAsync("crm", "msg_0", Stop);
        var other = await Log().ResendAsync("crm", (await _scenario.ReadAsync(waiting)).Id, Stop);

        Assert.Equal((ResendVerdict.Sent, DeliveryStatus.Pending, 0), (failed.Verdict, failed.Delivery!.Status, failed.Delivery.Tries));
        Assert.Equal((ResendVerdict.Sent, DeliveryStatus.Pending, 1), (other.Verdict, other.Delivery!.Status, other.Delivery.Tries));
    }

    [Theory]
    [InlineData(201, int.MaxValue, 201, false)]
    [InlineData(201, 1_000, 201, false)]
    [InlineData(201, 10, 200, true)]
    [InlineData(1_001, int.MaxValue, 1_000, true)]
    public async Task One_call_sends_as_many_failed_deliveries_again_as_the_rate_and_its_limit_allow(int failed, int maxRate, int sent, bool more)
    {
        await FailAsync(failed);

        var call = Log(maxRate).ResendFailedAsync("crm", DateTimeOffset.UnixEpoch, Stop);
        while (await Task.WhenAny(call, Task.Delay(1, Stop)) != call)
        {
            // Time passes for the pause after the first page, not for the page, which a slow machine must not run out of.
            _scenario.Time.Advance(TimeSpan.FromMilliseconds(_scenario.Queue.Sent < 200 ? 0 : 1));
        }

        Assert.Equal((sent, more), await call);
        Assert.Equal(sent, _scenario.Queue.Sent);
    }

    [Fact]
    public async Task A_message_that_a_resend_replaced_ends_although_its_endpoint_is_left_alone()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503, TimeSpan.FromMinutes(4)));
        await _scenario.DispatchAsync("fails");
        await _scenario.WorkAsync();
        var one = await _scenario.DispatchAsync("resent");
        var replaced = Assert.Single(_scenario.Queue.Take());
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        await Log().ResendAsync("crm", (await _scenario.ReadAsync(one)).Id, Stop);
        var sent = _scenario.Queue.Sent;

        await _scenario.DeliverAsync(replaced);
        Assert.Equal(sent, _scenario.Queue.Sent);

        await _scenario.DeliverAsync(Assert.Single(_scenario.Queue.Take()));
        Assert.Equal(sent + 1, _scenario.Queue.Sent);
        Assert.Single(_scenario.Customer.Requests);
    }

    private DeliveryLog Log(int maxRate = 1_000, IDocumentStore? documents = null)
    {
        var instance = documents is null ? _scenario.First : _scenario.Start(documents);
        return new DeliveryLog(documents ?? _scenario.Documents, instance.Deliveries, instance.Registry, new RepublishRate(_scenario.Time, maxRate), _scenario.Time);
    }

    private async Task FailAsync(int count)
    {
        var webhook = await _scenario.RegisterAsync();
        var now = UtcMilliseconds.Cut(_scenario.Time.GetUtcNow());
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => _scenario.Documents.CreateAsync(
            DocumentContainer.Deliveries,
            DeliveryDocuments.Write(Delivery(webhook, $"msg_{i}", now.AddMilliseconds(i)), TimeSpan.FromDays(1)),
            Stop)));
    }

    private static Delivery Delivery(Webhook webhook, string id, DateTimeOffset at) => new()
    {
        Webhook = webhook.Name,
        Id = id,
        Source = Key.Source,
        EventId = Key.Id,
        Type = "policy.renewed",
        Run = 0,
        Enriched = false,
        Status = DeliveryStatus.Failed,
        Reason = DeliveryReason.Exhausted,
        CreatedAt = at,
        WebhookRegisteredAt = webhook.RegisteredAt,
        Tries = 8,
    };
}
