using System.Text.Json;
using EventFunctions.Definitions;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EndpointCircuitTests : IAsyncDisposable
{
    private static readonly Precondition AnyState = new() { IfMatch = ["*"] };

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task After_failures_in_a_row_nothing_is_dialled_until_one_attempt_finds_out_and_nothing_counts_meanwhile()
    {
        await _scenario.RegisterAsync(with: definition => definition with { MaxPerSecond = 1_000 });
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503));
        for (var i = 0; i < 50; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(25));
        var dialled = _scenario.Customer.Requests.Count;

        // What was on its way when the fifth failed may have failed, too.
        Assert.InRange(dialled, _scenario.Settings.BreakAfter, _scenario.Settings.BreakAfter + 3);
        Assert.NotNull((await _scenario.EndpointAsync()).BreakUntil);

        // One probe when the break is over; it fails, and the next break is twice as long.
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(50));
        Assert.Equal(dialled + 1, _scenario.Customer.Requests.Count);
        Assert.Equal(2, (await _scenario.EndpointAsync()).Breaks);

        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(20));
        var deliveries = await _scenario.AllAsync();
        Assert.All(deliveries, delivery => Assert.Equal(DeliveryStatus.Delivered, delivery.Status));
        Assert.Equal(dialled + 1 + 50, deliveries.Sum(delivery => delivery.Attempted));
        Assert.True((await _scenario.EndpointAsync()).IsHealthy);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_turns_out_not_to_be_posted_costs_no_probe(bool isSettled)
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503));
        for (var i = 0; i < _scenario.Settings.BreakAfter; i++)
        {
            await _scenario.DispatchAsync($"{i}");
            await _scenario.DeliverAsync(Assert.Single(_scenario.Queue.Take()));
        }

        var first = await _scenario.DispatchAsync("first");
        var second = await _scenario.DispatchAsync("second");
        var messages = _scenario.Queue.Take();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await SettleAsync(first, isSettled);
        _scenario.GoTo((await _scenario.EndpointAsync()).BreakUntil!.Value);
        await _scenario.DeliverAsync(messages[0]);
        await _scenario.DeliverAsync(messages[1]);

        Assert.Equal(DeliveryStatus.Abandoned, (await _scenario.ReadAsync(first)).Status);
        Assert.Equal((DeliveryStatus.Delivered, 1), ((await _scenario.ReadAsync(second)).Status, (await _scenario.ReadAsync(second)).Attempted));
    }

    // Over already, or with nothing to post any more, which only shows when it is built.
    private async Task SettleAsync(DispatchedEvent one, bool isSettled)
    {
        if (isSettled)
        {
            var delivery = await _scenario.ReadAsync(one);
            var (read, etag) = (await _scenario.First.Deliveries.ReadAsync("crm", delivery.Id, Stop))!.Value;
            await _scenario.First.Deliveries.ChangeAsync(read, etag, current => current.Over(DeliveryStatus.Abandoned, DeliveryReason.Deleted), Stop);
        }
        else
        {
            await _scenario.Store.PatchAsync(one.Key, RecordPatch.Erased(0, new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Erased)), Stop);
        }
    }

    [Fact]
    public async Task A_break_is_kept_by_instances_that_have_not_seen_one_failure()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503));
        for (var i = 0; i < 10; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10));
        var dialled = _scenario.Customer.Requests.Count;
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10), _scenario.Start());

        Assert.Equal(dialled, _scenario.Customer.Requests.Count);
    }

    [Fact]
    public async Task An_instance_that_knew_the_endpoint_as_healthy_keeps_another_instances_break_after_some_seconds()
    {
        await _scenario.RegisterAsync();
        var other = _scenario.Start();
        await _scenario.DispatchAsync("healthy");
        await _scenario.WorkAsync(other);
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503, TimeSpan.FromMinutes(10)));
        await _scenario.DispatchAsync("fails");
        await _scenario.WorkAsync();

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(5), other);
        await _scenario.DispatchAsync("waits");
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(9), other);

        Assert.Equal(2, _scenario.Customer.Requests.Count);
    }

    [Fact]
    public async Task One_probe_at_a_time_finds_out_whether_the_endpoint_is_back()
    {
        var webhook = await _scenario.RegisterAsync();
        var circuit = new EndpointCircuit(new EndpointDocument("crm", _scenario.Documents, _scenario.Time), _scenario.Settings, _scenario.Time);
        await circuit.FailedAsync(webhook, isProbe: false, hold: TimeSpan.FromMinutes(1), Stop);
        Assert.Null(circuit.Enter(webhook));

        _scenario.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(circuit.Enter(webhook));
        Assert.Null(circuit.Enter(webhook));
        Assert.NotNull(circuit.OpenUntil(webhook));
        circuit.EndProbe();
        Assert.True(circuit.Enter(webhook));

        await circuit.SucceededAsync(webhook, Stop);
        circuit.EndProbe();
        Assert.False(circuit.Enter(webhook));
    }

    [Fact]
    public async Task An_endpoint_that_asks_to_be_left_alone_is_left_alone_by_all_deliveries()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(
            _scenario.Customer.Requests.Count == 1 ? Customer.Status(429, TimeSpan.FromMinutes(2)) : Customer.Status(200));
        await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        await _scenario.DispatchAsync("2");
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(115));
        Assert.Single(_scenario.Customer.Requests);

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(3));
        Assert.All(await _scenario.AllAsync(), delivery => Assert.Equal(DeliveryStatus.Delivered, delivery.Status));
    }

    [Fact]
    public async Task Gone_disables_at_once_publishes_it_and_ends_what_is_waiting()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(410));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        var two = await _scenario.RecordAsync("2");

        var webhook = (await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook;
        Assert.Equal((false, WebhookDisabledReason.Gone), (webhook.Enabled, webhook.DisabledReason));
        Assert.Equal((DeliveryStatus.Failed, DeliveryReason.Gone), ((await _scenario.ReadAsync(one)).Status, (await _scenario.ReadAsync(one)).Reason));
        var published = JsonElement.Parse(Assert.Single(_scenario.Topic.Taken));
        Assert.Equal("eventfunctions.webhook.disabled", published.GetProperty("type").GetString());
        Assert.Equal("gone", published.GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal("crm", published.GetProperty("subject").GetString());
        await _scenario.DispatchAsync([two]);
        Assert.Single(await _scenario.AllAsync());
    }

    [Fact]
    public async Task Failing_is_told_of_at_50_70_90_per_cent_and_disables_after_five_days()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        for (var hour = 0; hour < 24 * 6; hour += 2)
        {
            await _scenario.DispatchAsync($"{hour}");
            await _scenario.WorkForAsync(TimeSpan.FromHours(2));
        }

        Assert.Equal(
            ["failing 50", "failing 70", "failing 90", "disabled 100"],
            _scenario.Topic.Taken.Select(taken => JsonElement.Parse(taken)).Select(one =>
                $"{one.GetProperty("type").GetString()!["eventfunctions.webhook.".Length..]} {one.GetProperty("data").GetProperty("percent").GetInt32()}"));
        var webhook = (await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook;
        Assert.Equal(WebhookDisabledReason.Failing, webhook.DisabledReason);
        Assert.InRange(webhook.DisabledAt!.Value - _scenario.Customer.Times[0], TimeSpan.FromDays(5), TimeSpan.FromDays(5.2));

        // Enabled again, it begins anew.
        await _scenario.First.Registry.EnableAsync("crm", AnyState, Stop);
        await _scenario.DispatchAsync("after");
        await _scenario.WorkForAsync(TimeSpan.FromHours(1));
        Assert.True((await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook.Enabled);
        Assert.Equal(4, _scenario.Topic.Taken.Count);
    }

    [Fact]
    public async Task What_could_not_be_published_is_published_by_the_timer_of_another_instance()
    {
        await _scenario.RegisterAsync();
        _scenario.Topic.Answer = TopicDouble.Failing(PublishFailure.Unavailable);
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(410));
        await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        Assert.Empty(_scenario.Topic.Taken);

        _scenario.Topic.Answer = (_, _) => Task.CompletedTask;
        var other = _scenario.Start();
        _scenario.Time.Advance(TimeSpan.FromMinutes(2));
        await _scenario.LetAsync(() => other.Requeue.RunAsync(Stop));
        await _scenario.LetAsync(() => other.Requeue.RunAsync(Stop));

        Assert.Single(_scenario.Topic.Taken);
        Assert.Null((await _scenario.EndpointAsync()).Notice);
    }

    [Fact]
    public async Task One_success_ends_what_was_failing()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(_scenario.Customer.Requests.Count % 3 == 0 ? 200 : 500));
        for (var hour = 0; hour < 24 * 7; hour += 4)
        {
            await _scenario.DispatchAsync($"{hour}");
            await _scenario.WorkForAsync(TimeSpan.FromHours(4));
        }

        Assert.Empty(_scenario.Topic.Taken);
        Assert.True((await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook.Enabled);
    }

    [Fact]
    public async Task A_success_after_which_the_health_was_not_recorded_keeps_the_webhook_enabled()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        await _scenario.DispatchAsync("0");
        await _scenario.WorkAsync();
        var failing = (await _scenario.Documents.ReadAsync(DocumentContainer.Webhooks, "crm", EndpointState.Id, Stop))!;
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await _scenario.WorkForAsync(TimeSpan.FromHours(1));
        Assert.Null((await _scenario.EndpointAsync()).FailingSince);
        await _scenario.Documents.UpsertAsync(DocumentContainer.Webhooks, new Document("crm", EndpointState.Id, failing.Body), Stop);

        _scenario.Time.Advance(TimeSpan.FromDays(6));
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        for (var hour = 1; hour <= 6; hour++)
        {
            await _scenario.DispatchAsync($"{hour}");
            await _scenario.WorkForAsync(TimeSpan.FromHours(1));
        }

        Assert.Empty(_scenario.Topic.Taken);
        Assert.True((await _scenario.First.Registry.ReadAsync("crm", Stop))!.Webhook.Enabled);
        Assert.InRange((await _scenario.EndpointAsync()).FailingSince!.Value, _scenario.Time.GetUtcNow().AddHours(-7), _scenario.Time.GetUtcNow());
    }

    [Fact]
    public async Task Another_url_begins_with_a_clean_slate()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (request, _) => Task.FromResult(Customer.Status(request.Url.Host.StartsWith("crm", StringComparison.Ordinal) ? 503 : 200));
        for (var i = 0; i < 10; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10));
        Assert.NotNull((await _scenario.EndpointAsync()).BreakUntil);
        await _scenario.First.Registry.PutAsync(new WebhookDefinition("crm", new Uri("https://new.example.com/hook")) { Events = WebhookEvents.Thin }, AnyState, Stop);
        var one = await _scenario.DispatchAsync("new");
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(DeliveryStatus.Delivered, (await _scenario.ReadAsync(one)).Status);
    }
}
