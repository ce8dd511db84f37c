using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

public sealed class EventDeliveryTests : IAsyncDisposable
{
    private static readonly Precondition AnyState = new() { IfMatch = ["*"] };

    private readonly DeliveryScenario _scenario = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    [Fact]
    public async Task A_delivery_is_the_topics_bytes_signed_with_an_id_of_its_own()
    {
        var webhook = await _scenario.RegisterAsync();
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();

        var request = Assert.Single(_scenario.Customer.Requests);
        var record = (await _scenario.Store.ReadAsync(one.Key, Stop))!;
        Assert.Equal(webhook.Url, request.Url);
        Assert.Equal(webhook.Timeout, request.Timeout);
        Assert.Equal(Encoding.UTF8.GetString(EventEncoder.Encode(record.Event, 0).Span), Encoding.UTF8.GetString(request.Body.Span));
        Assert.Equal(
            SignatureVerdict.Valid,
            StandardWebhookSignature.Verify(
                [webhook.Secrets.Current],
                request.Id,
                StandardWebhookSignature.TextOf(request.Timestamp),
                string.Join(' ', request.Signatures),
                request.Body.Span,
                _scenario.Time.GetUtcNow()));
        var delivery = await _scenario.ReadAsync(one);
        Assert.Equal((DeliveryStatus.Delivered, 1, null, null), (delivery.Status, delivery.Attempted, delivery.DueAt, delivery.NextAt));
        Assert.Equal((200, 7, "answer 200"), (delivery.Attempts[0].Status, delivery.Attempts[0].DurationMs, delivery.Attempts[0].Head));
    }

    [Fact]
    public async Task A_delivery_and_a_test_event_carry_what_the_endpoint_authenticates_by()
    {
        var auth = new WebhookAuth { Kind = WebhookAuthKind.Basic, Secret = "CRM", User = "events" };
        var webhook = await _scenario.RegisterAsync(with: definition => definition with { Auth = auth });
        await _scenario.DispatchAsync("1");

        await _scenario.WorkAsync();
        await new WebhookTest(_scenario.Customer, _scenario.Time).SendAsync(webhook, Stop);

        Assert.Equal([auth, auth], _scenario.Customer.Requests.Select(request => request.Auth));
    }

    [Fact]
    public async Task An_enriched_delivery_is_made_of_the_frozen_data()
    {
        await _scenario.RegisterAsync(with: definition => definition with { Events = WebhookEvents.Both });
        await _scenario.RecordAsync("1");
        var enriched = await _scenario.EnrichAsync("1");
        await _scenario.DispatchAsync([enriched]);
        await _scenario.WorkAsync();

        var data = (await _scenario.Store.ReadDataAsync(enriched.Key, 0, Stop))!;
        Assert.Equal(
            Encoding.UTF8.GetString(EventEncoder.EncodeEnriched(data, new Uri("about:blank")).Span),
            Encoding.UTF8.GetString(Assert.Single(_scenario.Customer.Requests).Body.Span));
    }

    [Fact]
    public async Task Every_attempt_of_an_event_that_is_its_own_full_data_carries_the_same()
    {
        await _scenario.RegisterAsync(with: definition => definition with { Events = WebhookEvents.Enriched });
        var record = StoreSamples.Record("1", DeliveryScenario.Source, at: _scenario.Time.GetUtcNow(), data: EventContent.FromJson("[1.10]")) with { OwnData = true };
        Assert.True(Assert.Single(await _scenario.Store.CreateAsync([record], Stop)));
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(_scenario.Customer.Requests.Count < 3 ? 500 : 200));
        List<Task> attempts = [];
        await _scenario.First.Dispatch.DispatchAsync(FullData.OwnOf(record, 0)!, attempts, Stop);
        await Task.WhenAll(attempts);
        var now = _scenario.Time.GetUtcNow();
        await _scenario.Store.PatchAsync(
            record.Key, RecordPatch.Completed(0, [new(now, TimelineStep.Fetched), new(now, TimelineStep.Completed)], null), Stop);
        await _scenario.Store.PatchAsync(record.Key, RecordPatch.Replayed(0, new(now, TimelineStep.Replayed, 1), now), Stop);

        await _scenario.WorkForAsync(TimeSpan.FromHours(1));

        Assert.Equal(3, _scenario.Customer.Requests.Count);
        Assert.Contains("\"data\":[1.10]", Assert.Single(_scenario.Customer.Requests.Select(request => Encoding.UTF8.GetString(request.Body.Span)).Distinct()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_of_an_event_whose_record_is_erased_though_its_data_is_still_there()
    {
        await _scenario.RegisterAsync(with: definition => definition with { Events = WebhookEvents.Both });
        await _scenario.RecordAsync("1");
        var enriched = await _scenario.EnrichAsync("1");
        await _scenario.DispatchAsync([enriched]);
        var entry = new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Erased);
        Assert.Equal(PatchOutcome.Applied, await _scenario.Store.PatchAsync(enriched.Key, RecordPatch.Erased(0, entry), Stop));

        await _scenario.WorkAsync();

        Assert.Empty(_scenario.Customer.Requests);
        Assert.Equal(DeliveryReason.Erased, (await _scenario.ReadAsync(enriched)).Reason);
    }

    [Fact]
    public async Task A_webhook_is_tried_again_as_often_as_it_asks_for()
    {
        await _scenario.RegisterAsync(with: definition => definition with { Retry = WebhookRetry.Of([TimeSpan.FromHours(3)]) });
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        var one = await _scenario.DispatchAsync("1");

        await _scenario.WorkForAsync(TimeSpan.FromDays(1));

        var delivery = await _scenario.ReadAsync(one);
        Assert.Equal((DeliveryStatus.Failed, DeliveryReason.Exhausted, 2), (delivery.Status, delivery.Reason, delivery.Attempted));
        Assert.InRange(_scenario.Customer.Times[1] - _scenario.Customer.Times[0], TimeSpan.FromHours(2.69), TimeSpan.FromHours(3.6));
    }

    [Fact]
    public async Task A_failing_endpoint_is_tried_eight_times_at_growing_distances_with_the_same_id_and_body()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkForAsync(TimeSpan.FromDays(3));

        var delivery = await _scenario.ReadAsync(one);
        Assert.Equal((DeliveryStatus.Failed, DeliveryReason.Exhausted, 8), (delivery.Status, delivery.Reason, delivery.Attempted));
        Assert.Single(_scenario.Customer.Requests.Select(request => request.Id).Distinct());
        Assert.Single(_scenario.Customer.Requests.Select(request => Convert.ToHexString(request.Body.Span)).Distinct());

        // Put off by what leaves the endpoint alone, never hurried by it.
        var distances = _scenario.Customer.Times.Zip(_scenario.Customer.Times.Skip(1), (a, b) => b - a).ToList();
        Assert.Equal(7, distances.Count);
        Assert.All(distances.Zip(WebhookRetry.Default.Delays), pair => Assert.InRange(pair.First, pair.Second * 0.89, (pair.Second * 1.11) + TimeSpan.FromMinutes(17)));
        Assert.All(delivery.Attempts.SkipLast(1), attempt => Assert.NotNull(attempt.NextAt));
        Assert.Null(delivery.Attempts[^1].NextAt);
        Assert.Equal(0, _scenario.Queue.Count);
    }

    [Fact]
    public async Task An_endpoint_that_recovers_gets_the_event_with_the_next_attempt()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (request, _) => Task.FromResult(_scenario.Customer.Requests.Count < 3 ? Customer.Timeout(request) : Customer.Status(204));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(10));

        var delivery = await _scenario.ReadAsync(one);
        Assert.Equal(DeliveryStatus.Delivered, delivery.Status);
        Assert.Equal([WebhookFault.Timeout, WebhookFault.Timeout, null], delivery.Attempts.Select(attempt => attempt.Fault));
    }

    [Theory]
    [InlineData(3_600, 3_600)]
    [InlineData(1, 4)]
    [InlineData(864_000, 86_400)]
    public async Task Retry_After_puts_the_next_attempt_off_but_never_hurries_it_and_for_a_day_at_most(int seconds, int atLeast)
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(429, TimeSpan.FromSeconds(seconds)));
        var one = await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();

        var delivery = await _scenario.ReadAsync(one);
        Assert.InRange(delivery.NextAt!.Value - _scenario.Customer.Times[0], TimeSpan.FromSeconds(atLeast), TimeSpan.FromSeconds(atLeast + 3));
    }

    [Fact]
    public async Task A_crash_after_the_post_shows_the_customer_the_same_id_again_and_ends_delivered()
    {
        await _scenario.RegisterAsync();
        var documents = new WatchedDocuments(_scenario.Documents);
        var doomed = _scenario.Start(documents);
        var one = await _scenario.DispatchAsync("1");
        _scenario.Customer.Answer = (_, _) =>
        {
            documents.IsDown = true;
            return Task.FromResult(Customer.Status(200));
        };
        var message = Assert.Single(_scenario.Queue.Take());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => doomed.Delivery.DeliverAsync(message, Stop));
        Assert.Equal(DeliveryStatus.Pending, (await _scenario.ReadAsync(one)).Status);

        // The message is visible again, to another.
        await _scenario.DeliverAsync(message);

        Assert.Equal(2, _scenario.Customer.Requests.Count);
        Assert.Single(_scenario.Customer.Requests.Select(request => request.Id).Distinct());
        Assert.Equal(DeliveryStatus.Delivered, (await _scenario.ReadAsync(one)).Status);
    }

    [Fact]
    public async Task A_host_that_stops_while_the_customer_thinks_notes_no_attempt()
    {
        await _scenario.RegisterAsync();
        var one = await _scenario.DispatchAsync("1");
        using var stop = new CancellationTokenSource();
        _scenario.Customer.Answer = async (_, cancellationToken) =>
        {
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return Customer.Status(200);
        };
        var message = Assert.Single(_scenario.Queue.Take());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _scenario.First.Delivery.DeliverAsync(message, stop.Token));
        Assert.Equal(0, (await _scenario.ReadAsync(one)).Attempted);
    }

    [Fact]
    public async Task A_message_that_comes_twice_or_was_replaced_posts_nothing_more()
    {
        await _scenario.RegisterAsync();
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(_scenario.Customer.Requests.Count == 1 ? 500 : 200));
        await _scenario.DispatchAsync("1");
        var message = Assert.Single(_scenario.Queue.Take());
        await _scenario.DeliverAsync(message);
        await _scenario.DeliverAsync(message);
        Assert.Single(_scenario.Customer.Requests);
        Assert.Equal(1, _scenario.Queue.Count);

        await _scenario.WorkForAsync(TimeSpan.FromMinutes(1));
        await _scenario.DeliverAsync(message);
        Assert.Equal(2, _scenario.Customer.Requests.Count);
        Assert.Equal(0, _scenario.Queue.Count);
    }

    [Fact]
    public async Task A_message_that_is_late_delivers_though_the_timer_has_replaced_it_and_the_other_ends()
    {
        await _scenario.RegisterAsync();
        await _scenario.DispatchAsync("1");
        var late = Assert.Single(_scenario.Queue.Take());
        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        Assert.Equal(1, await _scenario.First.Requeue.RunAsync(Stop));

        await _scenario.DeliverAsync(late);
        await _scenario.WorkAsync();

        Assert.Single(_scenario.Customer.Requests);
    }

    [Fact]
    public async Task The_timer_queues_what_goes_on_being_lost_less_and_less_often()
    {
        await _scenario.RegisterAsync();
        await _scenario.DispatchAsync("1");
        var queued = 0;
        for (var i = 0; i < 60; i++)
        {
            _scenario.Queue.Clear();
            _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
            queued += await _scenario.First.Requeue.RunAsync(Stop);
        }

        Assert.InRange(queued, 5, 8);
    }

    [Fact]
    public async Task A_disabled_webhooks_deliveries_fail_and_can_be_sent_again()
    {
        await _scenario.RegisterAsync();
        var one = await _scenario.DispatchAsync("1");
        await _scenario.First.Registry.DisableAsync("crm", WebhookDisabledReason.Operator, Stop);
        await _scenario.WorkAsync();

        var delivery = await _scenario.ReadAsync(one);
        Assert.Empty(_scenario.Customer.Requests);
        Assert.Equal((DeliveryStatus.Failed, DeliveryReason.Disabled, 0), (delivery.Status, delivery.Reason, delivery.Attempted));
    }

    [Fact]
    public async Task What_was_erased_is_never_posted()
    {
        await _scenario.RegisterAsync();
        var one = await _scenario.DispatchAsync("1");
        await _scenario.Store.PatchAsync(one.Key, RecordPatch.Erased(0, new TimelineEntry(_scenario.Time.GetUtcNow(), TimelineStep.Erased)), Stop);
        await _scenario.WorkAsync();

        var delivery = await _scenario.ReadAsync(one);
        Assert.Empty(_scenario.Customer.Requests);
        Assert.Equal((DeliveryStatus.Abandoned, DeliveryReason.Erased), (delivery.Status, delivery.Reason));
    }

    [Fact]
    public async Task What_an_endpoint_answers_to_an_event_that_is_erased_before_or_meanwhile_is_not_kept()
    {
        await _scenario.RegisterAsync();
        var erasure = new DeliveryErasure(_scenario.Documents, _scenario.First.Deliveries);
        var (one, other) = (await _scenario.DispatchAsync("1"), await _scenario.DispatchAsync("2"));
        _scenario.Customer.Answer = (_, _) => Task.FromResult(Customer.Status(500));
        await _scenario.WorkAsync();
        Assert.Equal("answer 500", Assert.Single((await _scenario.ReadAsync(one)).Attempts).Head);

        _scenario.Customer.Answer = async (_, _) =>
        {
            await erasure.EraseAsync(one.Key, Stop);
            return Customer.Status(200);
        };
        await _scenario.WorkForAsync(TimeSpan.FromMinutes(5));

        var erased = await _scenario.ReadAsync(one);
        Assert.Equal(DeliveryStatus.Delivered, erased.Status);
        Assert.Equal([(500, null), (200, null)], erased.Attempts.Select(attempt => (attempt.Status!.Value, attempt.Head)));
        Assert.Equal(["answer 500", "answer 200"], (await _scenario.ReadAsync(other)).Attempts.Select(attempt => attempt.Head));
    }

    [Fact]
    public async Task A_delivery_that_is_over_is_forgotten_after_its_time()
    {
        await _scenario.RegisterAsync();
        await _scenario.DispatchAsync("1");
        await _scenario.WorkAsync();
        _scenario.Time.Advance(_scenario.Settings.TimeToLive - TimeSpan.FromMinutes(1));
        Assert.Single(await _scenario.AllAsync());

        _scenario.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Empty(await _scenario.AllAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"webhook":"crm","id":"msg_x","dueAt":0}""")]
    public async Task A_message_that_names_nothing_is_dropped(string message)
    {
        await _scenario.RegisterAsync();
        await _scenario.DeliverAsync(message);

        Assert.Equal(0, _scenario.Queue.Count);
        Assert.Empty(_scenario.Customer.Requests);
    }

    [Fact]
    public async Task Only_the_newest_attempts_are_kept_and_all_are_counted()
    {
        var delivery = (await DispatchedAsync()) with { Attempts = [] };
        for (var i = 0; i < 50; i++)
        {
            delivery = delivery.With(new DeliveryAttempt(_scenario.Time.GetUtcNow(), i, 500, null, null, null));
        }

        Assert.Equal((50, Delivery.MaxAttempts, 49L), (delivery.Attempted, delivery.Attempts.Length, delivery.Attempts[^1].DurationMs));
    }

    private async Task<Delivery> DispatchedAsync()
    {
        await _scenario.RegisterAsync();
        return await _scenario.ReadAsync(await _scenario.DispatchAsync("1"));
    }
}
