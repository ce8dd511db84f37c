using System.Text;
using System.Text.Json;
using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Functions;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EventDispatchTests : IAsyncDisposable
{
    private readonly DeliveryScenario _scenario = new();

    private static readonly Uri DataCall = new("https://events.example.com/data");

    public static TheoryData<string, EventContent> Contents => new()
    {
        { "JSON", EventContent.FromJson("""{"premium":{"amount":512.40}}""") },
        { "text", new EventContent(ContentKind.Text, "plain"u8.ToArray()) },
        { "bytes", new EventContent(ContentKind.Binary, new byte[] { 1, 2, 3 }) },
        { "bytes that are JSON", new EventContent(ContentKind.Binary, """{"premium":{"amount":512.40}}"""u8.ToArray()) },
        { "more than the topic takes", EventContent.FromJson($"\"{new string('x', 1_000_000)}\"") },
    };

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
    public async Task Two_instances_that_dispatch_the_same_events_make_one_delivery_of_each()
    {
        await _scenario.RegisterAsync();
        var second = _scenario.Start();
        var events = new List<DispatchedEvent>();
        for (var i = 0; i < 20; i++)
        {
            events.Add(await _scenario.RecordAsync($"{i}"));
        }

        await Task.WhenAll(_scenario.First.Dispatch.DispatchAsync(events, Stop), second.Dispatch.DispatchAsync(events, Stop));
        await _scenario.First.Dispatch.DispatchAsync(events, Stop);
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
        Assert.False(await instance.Dispatch.IsWantedAsync(Stop));
        var one = await _scenario.RecordAsync("1");
        documents.ResetCounts();

        for (var i = 0; i < 100; i++)
        {
            Assert.False(await instance.Dispatch.IsWantedAsync(Stop));
            await instance.Dispatch.DispatchAsync([one], Stop);
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
    public async Task What_cannot_be_written_down_makes_the_whole_dispatch_fail_so_that_the_topic_delivers_again()
    {
        await _scenario.RegisterAsync();
        var documents = new WatchedDocuments(_scenario.Documents);
        var instance = _scenario.Start(documents);
        Assert.True(await instance.Dispatch.IsWantedAsync(Stop));
        DispatchedEvent[] events = [await _scenario.RecordAsync("1"), await _scenario.RecordAsync("2")];
        documents.ResetCounts();
        documents.BeforeWrite = (number, _) => number == 2 ? throw new StoreUnavailableException("down") : Task.CompletedTask;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => instance.Dispatch.DispatchAsync(events, Stop));
        documents.BeforeWrite = (_, _) => Task.CompletedTask;
        await instance.Dispatch.DispatchAsync(events, Stop);

        // What was written down just when the dispatch broke off has no message yet.
        _scenario.Time.Advance(_scenario.Settings.QueueAgainAfter);
        await _scenario.First.Requeue.RunAsync(Stop);
        await _scenario.WorkForAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(2, _scenario.Customer.Requests.Select(request => request.Id).Distinct().Count());
    }

    [Fact]
    public async Task Filters_see_attributes_and_data_of_what_would_be_posted()
    {
        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(
            JsonElement.Parse("""
                [
                  { "operatorType": "StringBeginsWith", "key": "type", "values": ["policy."] },
                  { "operatorType": "NumberGreaterThan", "key": "data.premium.amount", "value": 500 }
                ]
                """),
            onArrays: true,
            "",
            errors);
        Assert.Empty(errors);
        await _scenario.RegisterAsync(with: definition => definition with { Filters = filters });

        await _scenario.First.Dispatch.DispatchAsync(
            [
                await _scenario.RecordAsync("dear", data: EventContent.FromJson("""{"premium":{"amount":512.40}}""")),
                await _scenario.RecordAsync("cheap", data: EventContent.FromJson("""{"premium":{"amount":12.40}}""")),
                await _scenario.RecordAsync("other", "claim.opened", EventContent.FromJson("""{"premium":{"amount":512.40}}""")),
            ],
            Stop);

        Assert.Equal("dear", Assert.Single(await _scenario.AllAsync()).EventId);
    }

    [Fact]
    public void The_services_own_events_and_foreign_ones_are_for_nobody()
    {
        EventNotification Of(string id, string type) => new() { Id = id, Source = "/s", Type = type };

        Assert.Null(DispatchedEvent.Of(Of("1", "eventfunctions.webhook.disabled")));
        Assert.Null(DispatchedEvent.Of(Of("1", "policy.renewed.enriched")));
        Assert.Equal((new EventKey("/s", "1"), 2, true), Parts(DispatchedEvent.Of(Of("1:enriched:2", "policy.renewed.enriched"))!));
        Assert.Equal((new EventKey("/s", "1"), 0, false), Parts(DispatchedEvent.Of(Of("1", "policy.renewed"))!));

        static (EventKey, int, bool) Parts(DispatchedEvent one) => (one.Key, one.Run, one.IsEnriched);
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public void Filters_see_the_same_enriched_event_when_it_comes_and_when_it_is_replayed(string what, EventContent content)
    {
        var data = StoreSamples.FullData(new EventKey(DeliveryScenario.Source, "1"), content, run: 2) with
        {
            Previous = new PreviousData("0", StoreSamples.Start) { Changes = """[{"op":"replace","path":"/premium","value":1}]""" },
        };

        AssertSeenAlike(what, EventEncoder.EncodeEnriched(data, DataCall), DispatchedEvent.Of(data, DataCall));
    }

    [Theory]
    [InlineData("2026-01-31T08:30:00Z", 0)]
    [InlineData("2026-01-31T08:30:00.120Z", 1)]
    [InlineData("2026-01-31T08:30:00.1234567+01:00", 0)]
    [InlineData("2026-01-31T08:30:00.000Z", 2)]
    public void Filters_see_the_same_thin_event_when_it_comes_and_when_it_is_replayed(string time, int run)
    {
        var record = StoreSamples.Record("1", DeliveryScenario.Source, data: EventContent.FromJson("""{"premium":1}""")) with { Run = run };
        record = record with
        {
            Event = record.Event with
            {
                Time = time,
                DataRef = "policies/1",
                Extensions = EventNotification.NoExtensions.Add("urgent", new(ExtensionType.Boolean, "true")).Add("rank", new(ExtensionType.Integer, "3")),
            },
        };

        AssertSeenAlike("thin", EventEncoder.Encode(record), DispatchedEvent.Of(record));
    }

    private static void AssertSeenAlike(string what, ReadOnlyMemory<byte> onTheTopic, DispatchedEvent stored)
    {
        var came = DispatchedEvent.Of(TopicEvent.Read(CloudEvent.Parse(BinaryData.FromBytes(onTheTopic))!))!;

        Assert.Equal((came.Key, came.Run, came.IsEnriched), (stored.Key, stored.Run, stored.IsEnriched));
        Assert.Equal(came.Content.Extensions, stored.Content.Extensions);
        Assert.Equal(came.Content with { Extensions = stored.Content.Extensions, Data = null }, stored.Content with { Data = null });
        foreach (var key in new[] { "data", "data.premium", "data.premium.amount" })
        {
            Assert.Equal((what, key, SeenIn(came, key)), (what, key, SeenIn(stored, key)));
        }

        static (FilterValueKind, string) SeenIn(DispatchedEvent one, string key)
        {
            var value = new NotificationFilterView(one.Content).Find(new FilterKey(key));
            return (value.Kind, value.TryGetScalar(out var text) ? text : "");
        }
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
        var key = new EventKey("/s", "1");
        string[] ids =
        [
            Delivery.IdOf(Webhook("a"), key, 0, enriched: false),
            Delivery.IdOf(Webhook("b"), key, 0, enriched: false),
            Delivery.IdOf(Webhook("a", registeredInYear: 2027), key, 0, enriched: false),
            Delivery.IdOf(Webhook("a"), new EventKey("/t", "1"), 0, enriched: false),
            Delivery.IdOf(Webhook("a"), new EventKey("/s", "2"), 0, enriched: false),
            Delivery.IdOf(Webhook("a"), key, 1, enriched: false),
            Delivery.IdOf(Webhook("a"), key, 0, enriched: true),
        ];

        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Matches("^msg_[A-Za-z0-9_-]{22}$", id));
        Assert.Equal(ids[0], Delivery.IdOf(Webhook("a"), new EventKey("/s", "1"), 0, enriched: false));
    }

    [Fact]
    public async Task An_enriched_event_of_the_topic_and_one_made_of_its_data_are_the_same_delivery()
    {
        await _scenario.RecordAsync("1");
        var data = StoreSamples.FullData(new EventKey(DeliveryScenario.Source, "1"), run: 3);
        var made = DispatchedEvent.Of(data, DataCall);
        var came = DispatchedEvent.Of(made.Content)!;

        Assert.Equal((made.Key, made.Run, made.IsEnriched), (came.Key, came.Run, came.IsEnriched));
        Assert.Equal("1:enriched:3", made.Content.Id);
    }
}
