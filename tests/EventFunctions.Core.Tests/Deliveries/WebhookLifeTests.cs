using EventFunctions.Definitions;
using EventFunctions.Publication;
using EventFunctions.Tests.Publication;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

/// <summary>Webhooks that are disabled, enabled, moved, deleted and registered again while deliveries and notices are on their way.</summary>
public sealed class WebhookLifeTests : IAsyncDisposable
{
    private static readonly Precondition AnyState = new() { IfMatch = ["*"] };

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task A_notice_is_published_once_by_an_instance_that_knew_the_endpoint_before_it()
    {
        await _scenario.RegisterAsync();
        var other = _scenario.Start();
        await _scenario.DispatchAsync("0");
        await _scenario.WorkAsync(other);
        await BeGoneWhileTheTopicIsDownAsync();

        _scenario.Topic.Answer = (_, _) => Task.CompletedTask;
        for (var tick = 0; tick < 3; tick++)
        {
            await TickAsync(other);
        }

        Assert.Single(_scenario.Topic.Taken);
        Assert.Null((await _scenario.EndpointAsync()).Notice);
    }

    [Fact]
    public async Task Who_is_enabled_again_stays_so_though_the_notice_of_the_end_is_published_later()
    {
        await _scenario.RegisterAsync();
        await BeGoneWhileTheTopicIsDownAsync();
        Assert.False((await WebhookAsync()).Enabled);

        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        await _scenario.First.Registry.EnableAsync("crm", AnyState, Stop);
        await TickAsync();
        _scenario.Topic.Answer = (_, _) => Task.CompletedTask;
        await TickAsync();

        Assert.True((await WebhookAsync()).Enabled);
        Assert.Single(_scenario.Topic.Taken);
    }

    [Fact]
    public async Task Who_moves_before_the_notice_is_published_is_not_disabled_by_it()
    {
        await _scenario.RegisterAsync();
        await BeGoneWhileTheTopicIsDownAsync();
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await _scenario.First.Registry.PutAsync(
            new WebhookDefinition("crm", new Uri("https://new.example.com/hook")) { Events = WebhookEvents.Thin, Enabled = true }, AnyState, Stop);
        await _scenario.DispatchAsync("2");
        await _scenario.WorkAsync();

        _scenario.Topic.Answer = (_, _) => Task.CompletedTask;
        await TickAsync();

        Assert.True((await WebhookAsync()).Enabled);
        Assert.Single(_scenario.Topic.Taken);
    }

    [Fact]
    public async Task An_instance_that_has_not_heard_yet_that_a_webhook_is_enabled_delivers_all_the_same()
    {
        await _scenario.RegisterAsync();
        var other = _scenario.Start();
        var one = await _scenario.DispatchAsync("1");
        await _scenario.First.Registry.DisableAsync("crm", WebhookDisabledReason.Operator, Stop);
        await _scenario.WorkAsync(other);
        Assert.Equal(DeliveryReason.Disabled, (await _scenario.ReadAsync(one)).Reason);

        await _scenario.First.Registry.EnableAsync("crm", AnyState, Stop);
        var log = new DeliveryLog(_scenario.Documents, _scenario.First.Deliveries, _scenario.First.Registry, new RepublishRate(_scenario.Time, maxRate: 1_000), _scenario.Time);
        var resent = await log.ResendFailedAsync("crm", _scenario.Time.GetUtcNow().AddDays(-1), Stop);
        await other.Delivery.DeliverAsync(Assert.Single(_scenario.Queue.Take()), Stop);

        Assert.Equal(1, resent!.Value.Sent);
        Assert.Equal(DeliveryStatus.Delivered, (await _scenario.ReadAsync(one)).Status);
    }

    [Fact]
    public async Task How_long_an_endpoint_failed_counts_no_more_when_its_webhook_is_registered_anew()
    {
        await FailForAsync(TimeSpan.FromHours(112));
        await _scenario.First.Registry.DeleteAsync("crm", AnyState, Stop);
        _scenario.Time.Advance(TimeSpan.FromDays(1));

        await _scenario.RegisterAsync();
        await _scenario.DispatchAsync("new");
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));

        Assert.True((await WebhookAsync()).Enabled);
    }

    [Fact]
    public async Task How_long_an_endpoint_failed_counts_no_more_when_its_webhook_is_enabled_again()
    {
        await FailForAsync(TimeSpan.FromHours(112));
        await _scenario.First.Registry.DisableAsync("crm", WebhookDisabledReason.Operator, Stop);
        await _scenario.WorkForAsync(TimeSpan.FromDays(10));

        await _scenario.First.Registry.EnableAsync("crm", AnyState, Stop);
        await _scenario.DispatchAsync("new");
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(1));

        Assert.True((await WebhookAsync()).Enabled);
    }

    [Fact]
    public async Task A_delivery_of_a_deleted_registration_ends_although_the_clock_was_ahead_then()
    {
        var now = _scenario.Time.GetUtcNow();
        _scenario.Time.AdjustTime(now.AddHours(5));
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        await _scenario.First.Registry.DeleteAsync("crm", AnyState, Stop);
        _scenario.Time.AdjustTime(now);

        await _scenario.RegisterAsync();
        await _scenario.WorkForAsync(TimeSpan.FromHours(6));

        Assert.Equal(DeliveryReason.Deleted, (await _scenario.ReadAsync(one)).Reason);
        Assert.Empty(_scenario.Queue.Take());
    }

    [Fact]
    public async Task Whoever_registers_the_name_of_a_deleted_webhook_is_posted_nothing_of_it()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        await _scenario.First.Registry.DeleteAsync("crm", AnyState, Stop);
        _scenario.Time.Advance(TimeSpan.FromMilliseconds(1));

        await _scenario.First.Registry.PutAsync(
            new WebhookDefinition("crm", new Uri("https://another.example.com/hook")) { Events = WebhookEvents.Thin }, Precondition.None, Stop);
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));

        Assert.DoesNotContain(_scenario.Customer.Requests, request => request.Url.Host == "another.example.com");
        Assert.Equal(DeliveryReason.Deleted, (await _scenario.ReadAsync(one)).Reason);
    }

    private async Task<Webhook> WebhookAsync() => (await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook;

    private async Task BeGoneWhileTheTopicIsDownAsync()
    {
        _scenario.Topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(410));
        await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
    }

    private async Task FailForAsync(TimeSpan time)
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        for (var hour = 0; hour < time.TotalHours; hour += 4)
        {
            await _scenario.DispatchAsync($"{hour}");
            await _scenario.WorkForAsync(TimeSpan.FromHours(4));
        }

        Assert.Equal(90, (await _scenario.EndpointAsync()).ShownPercent);
    }

    private async Task TickAsync(DeliveryScenario.Instance? instance = null)
    {
        _scenario.Time.Advance(TimeSpan.FromMinutes(2));
        await _scenario.LetAsync(() => (instance ?? _scenario.First).Requeue.RunAsync(Stop));
    }
}
