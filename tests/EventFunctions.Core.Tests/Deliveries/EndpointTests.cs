using EventFunctions.Definitions;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Tests.EventGrid;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EndpointTests : IAsyncDisposable
{
    private static readonly Precondition AnyState = new() { IfMatch = ["*"] };

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task Each_instance_posts_no_more_at_once_than_the_webhook_allows_and_nothing_is_lost()
    {
        await _scenario.RegisterAsync(with: definition => definition with { MaxConcurrent = 3, MaxPerSecond = 1_000 });
        _scenario.Customer.Answer = async (_, cancellationToken) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), _scenario.Time, cancellationToken);
            return Customer.Status(200);
        };
        for (var i = 0; i < 40; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(3, _scenario.Customer.MostAtOnce(DeliveryScenario.UrlOf("crm")));
        Assert.Equal(40, (await _scenario.AllAsync()).Count(delivery => delivery is { Status: DeliveryStatus.Delivered, Attempted: 1 }));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(2_000, false)]
    public async Task A_delivery_waits_for_a_slot_only_if_the_endpoint_is_quick_enough_to_free_one(int milliseconds, bool waits)
    {
        var webhook = await _scenario.RegisterAsync(with: definition => definition with { MaxConcurrent = 1, MaxPerSecond = 1_000 });
        var endpoint = Endpoint();
        using (var used = await endpoint.EnterAsync(webhook, Stop))
        {
            used.Use();
            _scenario.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }

        using var held = await endpoint.EnterAsync(webhook, Stop);
        var next = endpoint.EnterAsync(webhook, Stop);
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(waits ? 0.05 : 60), Stop));

        Assert.Equal(waits, !next.IsCompleted);
        Assert.False((await _scenario.Time.PassDuringAsync(next)).IsGranted);
    }

    [Fact]
    public async Task A_delivery_that_is_cancelled_while_it_waits_for_its_turn_returns_its_slot()
    {
        var webhook = await _scenario.RegisterAsync(with: definition => definition with { MaxConcurrent = 1, MaxPerSecond = 10 });
        var endpoint = Endpoint();
        (await endpoint.EnterAsync(webhook, Stop)).Dispose();
        using var cancelled = new CancellationTokenSource();
        var waiting = endpoint.EnterAsync(webhook, cancelled.Token);

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        using var next = await _scenario.Time.PassDuringAsync(endpoint.EnterAsync(webhook, Stop));
        Assert.True(next.IsGranted);
    }

    [Fact]
    public async Task A_changed_limit_holds_for_the_next_delivery()
    {
        var time = _scenario.Time;
        var permits = new EndpointPermits(time);
        var first = await permits.TakeAsync(1, TimeSpan.Zero, Stop);
        Assert.NotNull(first);
        Assert.Null(await permits.TakeAsync(1, TimeSpan.Zero, Stop));

        Assert.NotNull(await permits.TakeAsync(2, TimeSpan.Zero, Stop));
        first.Leave();
        Assert.NotNull(await permits.TakeAsync(2, TimeSpan.Zero, Stop));
        Assert.Null(await permits.TakeAsync(2, TimeSpan.Zero, Stop));
    }

    [Fact]
    public async Task A_delivery_waits_for_a_permit_that_is_free_soon()
    {
        var permits = new EndpointPermits(_scenario.Time);
        var held = (await permits.TakeAsync(1, TimeSpan.Zero, Stop))!;

        var inTime = permits.TakeAsync(1, TimeSpan.FromSeconds(1), Stop);
        Assert.Equal(1, permits.Waiting);
        held.Leave();
        Assert.NotNull(await inTime);

        var tooLate = permits.TakeAsync(1, TimeSpan.FromSeconds(1), Stop);
        _scenario.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await tooLate);
        Assert.Equal(0, permits.Waiting);
    }

    [Fact]
    public async Task A_read_of_the_health_that_hangs_delays_other_deliveries_for_seconds()
    {
        var documents = new WatchedDocuments(_scenario.Documents) { BeforeRead = token => Task.Delay(Timeout.InfiniteTimeSpan, token) };
        var health = new EndpointDocument("crm", documents, _scenario.Time);
        var (first, second) = (health.RefreshAsync(CancellationToken.None), health.ChangeAsync(_ => null, CancellationToken.None));

        _scenario.Time.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        documents.BeforeRead = _ => Task.CompletedTask;
        await health.RefreshAsync(Stop);
    }

    [Fact]
    public async Task Deliveries_to_a_healthy_endpoint_write_only_their_outcomes()
    {
        await _scenario.RegisterAsync(with: definition => definition with { MaxPerSecond = 1_000 });
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        for (var i = 0; i < 30; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        foreach (var message in _scenario.Queue.Take())
        {
            await _scenario.DeliverAsync(message, instance);
        }

        Assert.Equal(30, documents.Writes);
        Assert.Equal(30, _scenario.Customer.Requests.Count);
    }

    [Fact]
    public async Task The_rate_holds_over_the_seconds()
    {
        await _scenario.RegisterAsync(with: definition => definition with { MaxPerSecond = 10 });
        for (var i = 0; i < 60; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));

        var times = _scenario.Customer.Times.Order().ToList();
        Assert.Equal(60, times.Count);
        Assert.All(times, begin => Assert.InRange(times.Count(at => at >= begin && at < begin + TimeSpan.FromSeconds(1)), 1, 11));
    }

    [Fact]
    public async Task An_endpoint_that_hangs_holds_its_slots_and_nobody_else()
    {
        await _scenario.RegisterAsync("hangs");
        await _scenario.RegisterAsync("crm", definition => definition with { MaxPerSecond = 1_000 });
        var hanging = new TaskCompletionSource<EndpointResponse>();
        _scenario.Customer.Answer = (request, _) =>
            request.Url == DeliveryScenario.UrlOf("hangs") ? hanging.Task : Task.FromResult(Customer.Status(200));
        for (var i = 0; i < 20; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        var calls = Take();
        await _scenario.LetAsync(() => Eventually.Holds(() => calls.Count(call => !call.IsCompleted) <= 4));
        await _scenario.LetAsync(async () =>
        {
            while ((await _scenario.AllAsync("crm")).Any(delivery => !delivery.IsOver))
            {
                calls.AddRange(Take());
                await Task.Delay(1, Stop);
            }
        });

        Assert.All(await _scenario.AllAsync("crm"), delivery => Assert.Equal(DeliveryStatus.Delivered, delivery.Status));
        Assert.Equal(4, _scenario.Customer.MostAtOnce(DeliveryScenario.UrlOf("hangs")));
        hanging.SetResult(Customer.Status(200));
        await _scenario.LetAsync(() => Task.WhenAll(calls));
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(5));
        Assert.All(await _scenario.AllAsync("hangs"), delivery => Assert.Equal(DeliveryStatus.Delivered, delivery.Status));

        List<Task> Take() => [.. _scenario.Queue.Take().Select(message => _scenario.First.Delivery.DeliverAsync(message, Stop))];
    }

    [Fact]
    public async Task What_waits_for_a_slow_endpoint_comes_back_when_it_is_its_turn_and_not_before()
    {
        await _scenario.RegisterAsync(with: definition => definition with { MaxPerSecond = 1 });
        for (var i = 0; i < 240; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(3));

        // Each came once to be told when, and most of them once more to be posted; all that waited once a minute would be 540 and more.
        Assert.InRange(_scenario.Customer.Requests.Count, 120, 190);
        Assert.InRange(_scenario.Queue.Sent - 240, 200, 450);
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(3));
        Assert.All(await _scenario.AllAsync(), delivery => Assert.Equal((DeliveryStatus.Delivered, 1), (delivery.Status, delivery.Attempted)));
    }

    [Fact]
    public async Task What_was_put_off_for_long_is_brought_on_when_the_endpoint_is_back_sooner()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(429, TimeSpan.FromHours(1)));
        for (var i = 0; i < 40; i++)
        {
            await _scenario.DispatchAsync($"{i}");
        }

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10));
        var tried = _scenario.Customer.Requests.Count;
        Assert.InRange(tried, 1, 8);

        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));
        await _scenario.First.Registry.PutAsync(new WebhookDefinition("crm", new Uri("https://new.example.com/hook")) { Events = WebhookEvents.Thin }, AnyState, Stop);
        await _scenario.DispatchAsync("new");
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));

        // What was tried waits for the time that the endpoint asked for.
        Assert.Equal(tried, (await _scenario.AllAsync()).Count(delivery => !delivery.IsOver));
        await _scenario.WorkForAsync(TimeSpan.FromHours(2));
        Assert.All(await _scenario.AllAsync(), delivery => Assert.Equal(DeliveryStatus.Delivered, delivery.Status));
        Assert.Equal(41 + tried, _scenario.Customer.Requests.Count);
    }

    private Endpoint Endpoint() =>
        new(new EndpointCircuit(new EndpointDocument("crm", _scenario.Documents, _scenario.Time), _scenario.Settings, _scenario.Time), _scenario.Time);
}
