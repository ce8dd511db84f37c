using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EventDispatchTests : IAsyncDisposable
{
    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task An_event_is_written_down_once_for_each_webhook_that_wants_it_before_its_message_is_sent()
    {
        await _scenario.RegisterAsync("crm");
        await _scenario.RegisterAsync("erp");
        await _scenario.RegisterAsync("enriched-only", definition => definition with { Events = WebhookEvents.Enriched });
        await _scenario.RegisterAsync("off", definition => definition with { Enabled = false });

        var one = await _scenario.DispatchAsync("1");

        Assert.Equal(2, _scenario.Queue.Count);
        Assert.Equal(DeliveryStatus.Pending, (await _scenario.ReadAsync(one, "crm")).Status);
        Assert.Equal(DeliveryStatus.Pending, (await _scenario.ReadAsync(one, "erp")).Status);
        Assert.Empty(await _scenario.AllAsync("enriched-only"));
        Assert.Empty(await _scenario.AllAsync("off"));
    }

    [Fact]
    public async Task A_delivery_that_is_sent_at_once_is_two_writes_and_no_message()
    {
        await _scenario.RegisterAsync();
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        List<Task> attempts = [];
        await _scenario.DispatchAsync([await _scenario.RecordAsync("first")], instance, attempts);
        await _scenario.LetAsync(() => Task.WhenAll(attempts));
        var one = await _scenario.RecordAsync("1");
        documents.ResetCounts();
        attempts.Clear();

        await _scenario.DispatchAsync([one], instance, attempts);
        await _scenario.LetAsync(() => Task.WhenAll(attempts));
        await _scenario.DispatchAsync([one], instance, attempts);

        _ = Assert.Single(attempts);
        Assert.Equal((0, 3), (documents.Reads, documents.Writes));
        Assert.Equal(DeliveryStatus.Delivered, (await _scenario.ReadAsync(one)).Status);
        Assert.Equal(0, _scenario.Queue.Count);
        Assert.Equal(2, _scenario.Customer.Requests.Count);
    }

    [Fact]
    public async Task With_room_beside_an_event_waits_for_no_endpoint_and_deliveries_beyond_the_room_go_through_the_queue()
    {
        await using var scenario = new DeliveryScenario(new DeliveryOptions { MaxSentBeside = 6 });
        for (var i = 0; i < 8; i++)
        {
            await scenario.RegisterAsync($"crm-{i}");
        }

        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scenario.Customer.Answer = async (_, _) =>
        {
            await answers.Task;
            return Customer.Status(200);
        };
        List<Task> attempts = [];
        await scenario.DispatchAsync([await scenario.RecordAsync("1")], attempts: attempts);
        Assert.Equal((0, 2), (attempts.Count, scenario.Queue.Count));

        answers.SetResult();
        await scenario.LetAsync(() => scenario.First.Dispatch.DisposeAsync().AsTask());
        Assert.Equal((6, 2), (scenario.Customer.Requests.Count, scenario.Queue.Count));
        await scenario.DispatchAsync([await scenario.RecordAsync("2")], attempts: attempts);
        await scenario.LetAsync(() => scenario.First.Dispatch.DisposeAsync().AsTask());
        Assert.Equal((12, 4), (scenario.Customer.Requests.Count, scenario.Queue.Count));
        await scenario.WorkAsync();
        Assert.Equal((16, 0), (scenario.Customer.Requests.Count, scenario.Queue.Count));
    }

    [Theory]
    [InlineData(5, 10, false)]
    [InlineData(4, 11, false)]
    [InlineData(1, 10, true)]
    public async Task Many_webhooks_slow_ones_and_those_left_alone_are_sent_to_through_the_queue(int webhooks, int timeout, bool isLeftAlone)
    {
        for (var i = 0; i < webhooks; i++)
        {
            await _scenario.RegisterAsync($"crm-{i}", definition => definition with { Timeout = TimeSpan.FromSeconds(timeout) });
        }

        if (isLeftAlone)
        {
            _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(503, TimeSpan.FromMinutes(10)));
            await _scenario.DispatchAsync("before");
            await _scenario.WorkAsync();
        }

        var (sent, queued) = (_scenario.Customer.Requests.Count, _scenario.Queue.Count);
        List<Task> attempts = [];
        await _scenario.DispatchAsync([await _scenario.RecordAsync("1")], attempts: attempts);
        await _scenario.LetAsync(() => Task.WhenAll(attempts));

        Assert.Equal((sent, queued + webhooks), (_scenario.Customer.Requests.Count, _scenario.Queue.Count));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task A_delivery_that_breaks_off_before_a_write_is_sent_again_when_it_is_due_with_the_same_id(int write, int requests)
    {
        await _scenario.RegisterAsync();
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        await instance.Registry.AllAsync(Stop);
        var one = await _scenario.RecordAsync("1");
        documents.ResetCounts();
        documents.BeforeWrite = (number, _) => number >= write ? throw new StoreUnavailableException("down") : Task.CompletedTask;

        List<Task> attempts = [];
        await Record.ExceptionAsync(() => _scenario.DispatchAsync([one], instance, attempts));
        await _scenario.LetAsync(() => Task.WhenAll(attempts));
        documents.BeforeWrite = (_, _) => Task.CompletedTask;
        await _scenario.DispatchAsync([one], instance);
        await _scenario.WorkAsync();
        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        await _scenario.First.Requeue.RunAsync(Stop);
        await _scenario.WorkAsync();

        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await _scenario.AllAsync()).Status);
        Assert.Equal((requests, 1), (_scenario.Customer.Requests.Count, _scenario.Customer.Requests.Select(request => request.Id).Distinct().Count()));
    }

    [Fact]
    public async Task A_first_attempt_that_fails_is_followed_by_one_through_the_queue()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        List<Task> attempts = [];
        var one = await _scenario.RecordAsync("1");
        await _scenario.DispatchAsync([one], attempts: attempts);
        await _scenario.LetAsync(() => Task.WhenAll(attempts));
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(200));

        await _scenario.WorkForAsync(TimeSpan.FromSeconds(10));

        Assert.Equal([500, 200], (await _scenario.ReadAsync(one)).Attempts.Select(attempt => attempt.Status));
    }

    [Fact]
    public async Task Two_instances_that_dispatch_the_same_events_make_one_delivery_of_each()
    {
        await _scenario.RegisterAsync();
        var second = _scenario.Start();
        var events = new List<DispatchedEvent>();
        for (var i = 0; i < 20; i++)
        {
            events.Add(await _scenario.RecordAsync($"{i}"));
        }

        await Task.WhenAll(_scenario.DispatchAsync(events), _scenario.DispatchAsync(events, second));
        await _scenario.DispatchAsync(events);
        await _scenario.WorkAsync();
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(20, (await _scenario.AllAsync()).Count(delivery => delivery.Status == DeliveryStatus.Delivered));
        Assert.Equal(20, _scenario.Customer.Requests.Select(request => request.Id).Distinct().Count());
        Assert.Equal(20, _scenario.Customer.Requests.Count);
    }

    [Fact]
    public async Task Without_a_webhook_nothing_is_read_or_written_for_an_event()
    {
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        var one = await _scenario.RecordAsync("1");
        await _scenario.DispatchAsync([one], instance);
        documents.ResetCounts();

        for (var i = 0; i < 100; i++)
        {
            await _scenario.DispatchAsync([one], instance);
        }

        Assert.Equal((0, 0, 0), (documents.Reads, documents.Queries, documents.Writes));
    }

    [Fact]
    public async Task A_delivery_whose_message_was_never_sent_is_queued_by_the_timer()
    {
        await _scenario.RegisterAsync();
        _scenario.Queue.IsDown = true;
        await _scenario.DispatchAsync("1");
        _scenario.Queue.IsDown = false;

        Assert.Equal(0, await _scenario.First.Requeue.RunAsync(Stop));
        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        Assert.Equal(1, await _scenario.First.Requeue.RunAsync(Stop));
        Assert.Equal(0, await _scenario.First.Requeue.RunAsync(Stop));
        await _scenario.WorkAsync();

        Assert.Single(_scenario.Customer.Requests);
        Assert.Equal(DeliveryStatus.Delivered, Assert.Single(await _scenario.AllAsync()).Status);
    }

    [Fact]
    public async Task A_document_that_cannot_be_read_is_logged_and_holds_up_no_other()
    {
        await _scenario.RegisterAsync();
        _scenario.Queue.IsDown = true;
        await _scenario.DispatchAsync("1");
        _scenario.Queue.IsDown = false;
        await CreateAsync(DocumentContainer.Deliveries, "msg_broken", """{"status":"pending","dueAt":"2020-01-01T00:00:00.000Z","lostSince":"2020-01-01T00:00:00.000Z"}""");
        await CreateAsync(DocumentContainer.Webhooks, EndpointState.Id, """{"dueAt":"2020-01-01T00:00:00.000Z","activeSince":"some time ago"}""");
        var ofDeliveries = new ListLogger<DeliveryStore>();
        var ofEndpoints = new ListLogger<WebhookEndpoints>();
        var instance = _scenario.Start(ofDeliveries: ofDeliveries, ofEndpoints: ofEndpoints);

        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        Assert.Equal(1, await instance.Requeue.RunAsync(Stop));

        Assert.Equal(1, _scenario.Queue.Count);
        Assert.All(ofDeliveries.Lines, line => Assert.Contains("msg_broken", line.Text, StringComparison.Ordinal));
        Assert.NotEmpty(ofDeliveries.Lines);
        Assert.Contains("broken-one", Assert.Single(ofEndpoints.Lines).Text, StringComparison.Ordinal);

        Task CreateAsync(DocumentContainer container, string id, string body) =>
            _scenario.Documents.CreateAsync(container, new Document("broken-one", id, Encoding.UTF8.GetBytes(body)), Stop);
    }

    [Fact]
    public async Task What_cannot_be_recorded_makes_the_whole_dispatch_fail_so_that_it_is_repeated()
    {
        await _scenario.RegisterAsync();
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        await _scenario.RegisterAsync("erp");
        var one = await _scenario.RecordAsync("1");
        await instance.Registry.AllAsync(Stop);
        documents.ResetCounts();
        documents.BeforeWrite = (number, _) => number == 2 ? throw new StoreUnavailableException("down") : Task.CompletedTask;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.DispatchAsync([one], instance));
        documents.BeforeWrite = (_, _) => Task.CompletedTask;
        await _scenario.DispatchAsync([one], instance);

        // What was written down just when the dispatch broke off has no message yet.
        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        await _scenario.First.Requeue.RunAsync(Stop);
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(2, _scenario.Customer.Requests.Select(request => request.Id).Distinct().Count());
    }

    private static Webhook Webhook(string name, int registeredInYear = 2026) => new()
    {
        Name = name,
        Url = new Uri("https://crm.example.com/"),
        Secrets = new WebhookSecrets(WebhookSecret.Create()),
        RegisteredAt = new DateTimeOffset(registeredInYear, 1, 1, 0, 0, 0, TimeSpan.Zero),
    };

    [Fact]
    public void The_id_of_a_delivery_differs_with_webhook_source_event_run_and_kind_and_with_nothing_else()
    {
        var (key, at) = (new EventKey("/s", "1"), DateTimeOffset.UnixEpoch);
        string[] ids =
        [
            Delivery.IdOf(Webhook("a"), key, 0, enriched: false, at),
            Delivery.IdOf(Webhook("b"), key, 0, enriched: false, at),
            Delivery.IdOf(Webhook("a", registeredInYear: 2027), key, 0, enriched: false, at),
            Delivery.IdOf(Webhook("a"), new EventKey("/t", "1"), 0, enriched: false, at),
            Delivery.IdOf(Webhook("a"), new EventKey("/s", "2"), 0, enriched: false, at),
            Delivery.IdOf(Webhook("a"), key, 1, enriched: false, at),
            Delivery.IdOf(Webhook("a"), key, 0, enriched: true, at),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^msg_[A-Za-z0-9_-]{22}$", id));
        Assert.Equal(ids[0], Delivery.IdOf(Webhook("a"), new EventKey("/s", "1"), 0, enriched: false, at));
    }
}
