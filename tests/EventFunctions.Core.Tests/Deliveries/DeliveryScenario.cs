using System.Collections.Concurrent;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Stores;
using EventFunctions.Tests.Telemetry;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Deliveries;

/// <summary>Dispatch and delivery over the embedded store, with a queue and customers that go by the test's clock.</summary>
internal sealed class DeliveryScenario : IAsyncDisposable
{
    public const string Source = "/insurance/policies";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Instance> _instances = [];
    private readonly ConcurrentDictionary<DispatchedEvent, object> _stored = new(ReferenceEqualityComparer.Instance);

    public DeliveryScenario(DeliveryOptions? settings = null, EventMetrics? metrics = null)
    {
        Settings = settings ?? new DeliveryOptions();
        Metrics = metrics ?? TestMetrics.Create();
        Store = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), Time, TimeSpan.FromHours(1), NullLogger.Instance);
        Documents = new SqliteDocumentStore(Store);
        Queue = new MessageBox(Time);
        Customer = new Customer(Time);
        First = Start();
    }

    public FakeTimeProvider Time { get; } = new(StoreSamples.Start.AddDays(1));

    public SqliteEventStore Store { get; }

    public IDocumentStore Documents { get; }

    public MessageBox Queue { get; }

    public Customer Customer { get; }

    public TopicDouble Topic { get; } = new();

    public DeliveryOptions Settings { get; }

    public EventMetrics Metrics { get; }

    /// <summary>An instance that is there from the beginning.</summary>
    public Instance First { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Uri UrlOf(string webhook) => new($"https://{webhook}.example.com/hook");

    /// <summary>Starts an instance.</summary>
    /// <param name="documents">What it uses for the store of documents; null for the store itself.</param>
    /// <param name="ofDeliveries">Where it logs what it finds wrong with deliveries; null for nowhere.</param>
    /// <param name="ofEndpoints">Where it logs what it finds wrong with endpoints; null for nowhere.</param>
    public Instance Start(IDocumentStore? documents = null, ILogger<DeliveryStore>? ofDeliveries = null, ILogger<WebhookEndpoints>? ofEndpoints = null)
    {
        var instance = new Instance(this, documents ?? Documents, ofDeliveries ?? NullLogger<DeliveryStore>.Instance, ofEndpoints ?? NullLogger<WebhookEndpoints>.Instance);
        _instances.Add(instance);
        return instance;
    }

    public async Task<Webhook> RegisterAsync(string name = "crm", Func<WebhookDefinition, WebhookDefinition>? with = null)
    {
        var definition = new WebhookDefinition(name, UrlOf(name)) { Events = WebhookEvents.Thin };
        var outcome = await First.Registry.PutAsync(with?.Invoke(definition) ?? definition, new Precondition { IfMatch = null }, Stop);
        return outcome.Webhook!.Webhook;
    }

    /// <summary>Records an event, as intake does, and gives it as the topic has it.</summary>
    public async Task<DispatchedEvent> RecordAsync(string id, string type = "policy.renewed", EventContent? data = null)
    {
        var record = StoreSamples.Record(id, Source, type, at: Time.GetUtcNow(), data: data);
        Assert.True(Assert.Single(await Store.CreateAsync([record], Stop)));
        return Describe(record);
    }

    public async Task<DispatchedEvent> EnrichAsync(string id, int run = 0)
    {
        var data = StoreSamples.FullData(new EventKey(Source, id), run: run) with { FetchedAt = Time.GetUtcNow() };
        Assert.True(await Store.CreateDataAsync(data, Stop));
        var one = DispatchedEvent.Of(data, new EnrichmentOptions().DataCall(data.Key, data.Run));
        _stored[one] = data;
        return one;
    }

    /// <summary>Gives the event of a record that need not be stored.</summary>
    public DispatchedEvent Describe(EventRecord record)
    {
        var one = DispatchedEvent.Of(record);
        _stored[one] = record;
        return one;
    }

    /// <summary>Dispatches events, as the enrichment does with each; through the queue, unless there is a list of first attempts.</summary>
    public async Task DispatchAsync(IEnumerable<DispatchedEvent> events, Instance? instance = null, ICollection<Task>? attempts = null)
    {
        var dispatch = (instance ?? First).Dispatch;
        foreach (var one in events)
        {
            await (_stored[one] is FullData data ? dispatch.DispatchAsync(data, attempts, Stop) : dispatch.DispatchAsync((EventRecord)_stored[one], attempts, Stop));
        }
    }

    /// <summary>Records an event and dispatches it.</summary>
    public async Task<DispatchedEvent> DispatchAsync(string id)
    {
        var one = await RecordAsync(id);
        await DispatchAsync([one]);
        return one;
    }

    /// <summary>Gives an instance a message.</summary>
    public Task DeliverAsync(string message, Instance? instance = null) => LetAsync(() => (instance ?? First).Delivery.DeliverAsync(message, Stop));

    /// <summary>Takes what can be taken of the queue until nothing can be, as time stands.</summary>
    public Task WorkAsync(Instance? instance = null) => LetAsync(async () =>
    {
        for (var messages = Queue.Take(); messages.Count > 0; messages = Queue.Take())
        {
            await Task.WhenAll(messages.Select(message => (instance ?? First).Delivery.DeliverAsync(message, Stop)));
        }
    });

    /// <summary>Works, from message to message, for a while of the test's clock.</summary>
    public async Task WorkForAsync(TimeSpan duration, Instance? instance = null)
    {
        var end = Time.GetUtcNow() + duration;
        await WorkAsync(instance);
        while (Queue.Next is { } next && next <= end)
        {
            GoTo(next);
            await WorkAsync(instance);
        }

        GoTo(end);
    }

    public void GoTo(DateTimeOffset time)
    {
        if (time > Time.GetUtcNow())
        {
            Time.Advance(time - Time.GetUtcNow());
        }
    }

    /// <summary>Lets the test's clock run while something waits for it.</summary>
    public async Task LetAsync(Func<Task> work)
    {
        var task = Task.Run(work, Stop);
        while (await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(5), Stop)) != task)
        {
            Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        await task;
    }

    public async Task<Delivery> ReadAsync(DispatchedEvent one, string webhook = "crm") =>
        (await AllAsync(webhook)).Single(delivery => (delivery.Key, delivery.Run, delivery.Enriched) == (one.Key, one.Run, one.IsEnriched));

    public async Task<IReadOnlyList<Delivery>> AllAsync(string webhook = "crm")
    {
        var page = await Documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Deliveries) { Partition = webhook, OrderBy = "createdAt", Limit = 1_000 }, Stop);
        return [.. page.Items.Select(DeliveryDocuments.Read)];
    }

    public Task<EndpointState> EndpointAsync(string webhook = "crm") => First.Endpoints.ReadAsync(webhook, Stop);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>One process of the service.</summary>
    internal sealed class Instance
    {
        public Instance(DeliveryScenario scenario, IDocumentStore documents, ILogger<DeliveryStore> ofDeliveries, ILogger<WebhookEndpoints> ofEndpoints)
        {
            var options = Options.Create(scenario.Settings);
            var enrichment = Options.Create(new EnrichmentOptions());
            Registry = new WebhookRegistry(documents, Options.Create(new RegistryOptions()), scenario.Time, NullLogger<WebhookRegistry>.Instance);
            Deliveries = new DeliveryStore(documents, scenario.Queue, scenario.Time, options, ofDeliveries);
            Endpoints = new WebhookEndpoints(
                Registry,
                documents,
                new OwnEventPublisher(
                    TestPublisher.Over(scenario.Topic.Port, scenario.Time),
                    new OwnEventDispatch(Registry, scenario.Store, scenario.Time, enrichment)),
                scenario.Time,
                options,
                ofEndpoints);
            Delivery = new EventDelivery(
                Registry,
                Endpoints,
                Deliveries,
                new DeliveryPayloads(scenario.Store, enrichment),
                scenario.Customer,
                scenario.Time,
                NullLogger<EventDelivery>.Instance,
                scenario.Metrics);
            Dispatch = new EventDispatch(Registry, Deliveries, Delivery, enrichment, options);
            Requeue = new DeliveryRequeue(documents, Deliveries, Endpoints, scenario.Time, options, NullLogger<DeliveryRequeue>.Instance, TestMetrics.Create());
        }

        public WebhookRegistry Registry { get; }

        public DeliveryStore Deliveries { get; }

        public EventDispatch Dispatch { get; }

        public WebhookEndpoints Endpoints { get; }

        public EventDelivery Delivery { get; }

        public DeliveryRequeue Requeue { get; }
    }
}
