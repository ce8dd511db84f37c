using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Enrichment;

/// <summary>One recorded event, its producer, and everything around the enrichment, with a place to crash at each step.</summary>
internal sealed class EnrichmentScenario
{
    public static readonly EventKey Key = new("/insurance/policies", "4711");

    private string? _crashAt;
    private string? _failAt;
    private bool _crashed;
    private int _fetches;

    /// <summary>The trace of the event, which no other scenario shares: a listener of traces hears all tests.</summary>
    public string TraceId { get; init; } = ActivityTraceId.CreateRandom().ToHexString();

    public EnrichmentScenario(EnrichmentOptions? options = null, EventMetrics? metrics = null)
    {
        Store[Key] = new EventRecord
        {
            Event = new EventNotification { Id = Key.Id, Source = Key.Source, Type = "policy.renewed", Subject = "policy-42" },
            Producer = "policies",
            Fingerprint = "00",
            RecordedAt = Time.GetUtcNow(),
            Status = EventStatus.Recorded,
            RelayAt = Time.GetUtcNow() + TimeSpan.FromMinutes(10),
            Timeline = [new TimelineEntry(Time.GetUtcNow(), TimelineStep.Recorded)],
        };
        Store.Before = name => Pass("before " + name);
        Store.After = name => Pass("after " + name);
        Documents.CreateAsync(default!, default!, default).ReturnsForAnyArgs(async call =>
        {
            await Task.Yield();
            Pass("before link");
            var written = Links.TryAdd(call.Arg<Document>().Id, call.Arg<Document>());
            Pass("after link");
            return written ? "1" : null;
        });
        Documents.ReadAsync(default!, default!, default!, default).ReturnsForAnyArgs(call =>
            Links.TryGetValue(call.ArgAt<string>(2), out var there) ? new StoredDocument(there.Partition, there.Id, there.Body, "1") : null);
        Documents.QueryAsync(default!, default).ReturnsForAnyArgs(new DocumentPage([], null));
        Producers.FindBySourceAsync(Key.Source, Arg.Any<CancellationToken>()).Returns(_ => Producer);
        Client.FetchAsync(default!, default!, default).ReturnsForAnyArgs(async call =>
        {
            await Task.Yield();
            Pass("before fetch");
            var fetched = Fetched(Interlocked.Increment(ref _fetches), call.Arg<Uri>());
            Pass("after fetch");
            return fetched;
        });
        Publisher.PublishAsync(default!, default).ReturnsForAnyArgs(async call =>
        {
            await Task.Yield();
            Pass("before publish");
            foreach (var e in call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>())
            {
                Published.Enqueue(Encoding.UTF8.GetString(e.Span));
            }

            Pass("after publish");
        });
        Dispatch.DispatchAsync(default(EventRecord)!, default, default).ReturnsForAnyArgs(call => DispatchAsync("thin", call.Arg<EventRecord>().Run, call.ArgAt<ICollection<Task>?>(1)));
        Dispatch.DispatchAsync(default(FullData)!, default, default).ReturnsForAnyArgs(call => DispatchAsync("enriched", call.Arg<FullData>().Run, call.ArgAt<ICollection<Task>?>(1)));
        var settings = Options.Create(options ?? new EnrichmentOptions());
        Parts = new PartRunner(Store.Port, new EntityLinks(Documents), Dispatch, settings.Value.Retention, Time, NullLogger<PartRunner>.Instance);
        Enrichment = new EventEnrichment(
            Store.Port,
            Producers,
            new FullDataFetch(Store.Port, new EntityLinks(Documents), Client, new JsonSchemas(), Time, settings, Options.Create(new RegistryOptions())),
            TestPublisher.Over(Publisher, Time),
            Parts,
            Time,
            settings,
            Options.Create(new RelayOptions()),
            NullLogger<EventEnrichment>.Instance,
            TestNotices.Failures(Notices, Time, Log),
            metrics ?? TestMetrics.Create());
    }

    public ListLogger<FailureLog> Log { get; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));

    public StoreDouble Store { get; } = new();

    public IDocumentStore Documents { get; } = Substitute.For<IDocumentStore>();

    /// <summary>The links that were written.</summary>
    public ConcurrentDictionary<string, Document> Links { get; } = [];

    public IProducerRegistry Producers { get; } = Substitute.For<IProducerRegistry>();

    public IProducerClient Client { get; } = Substitute.For<IProducerClient>();

    public IEventPublisher Publisher { get; } = Substitute.For<IEventPublisher>();

    /// <summary>Where the service's own events go.</summary>
    public IEventPublisher Notices { get; } = Substitute.For<IEventPublisher>();

    public EventEnrichment Enrichment { get; }

    public IEventDispatch Dispatch { get; } = Substitute.For<IEventDispatch>();

    public PartRunner Parts { get; }

    /// <summary>What was dispatched to webhooks: each delivery once, however often it is dispatched.</summary>
    public ConcurrentDictionary<string, int> Deliveries { get; } = [];

    public ConcurrentQueue<string> Published { get; } = [];

    public int Fetches => _fetches;

    public Producer? Producer { get; set; } = new()
    {
        Name = "policies",
        Source = Key.Source,
        Data = new ProducerData { BaseUrl = new Uri("https://policies.example.com/api/"), Template = "policies/{subject}" },
    };

    public EventRecord Record
    {
        get => Store[Key];
        set => Store[Key] = value;
    }

    /// <summary>What the producer answers, given the number of the fetch: each fetch finds other data unless told otherwise.</summary>
    public Func<int, Uri, FetchedData> Fetched { get; set; } = (number, url) =>
        new FetchedData(url, "application/json", $"\"v{number}\"", Encoding.UTF8.GetBytes($$"""{"version":{{number}},"premium":123456789012345678901234567890}"""));

    public DeliveredEvent Delivered(int run = 0) => new()
    {
        Id = Key.Id,
        Source = Key.Source,
        Type = "policy.renewed",
        Subject = "policy-42",
        Run = run,
        TraceParent = $"00-{TraceId}-b7ad6b7169203331-01",
    };

    public Task DeliverAsync(int run = 0) => Enrichment.EnrichAsync(Delivered(run), TestContext.Current.CancellationToken);

    /// <summary>Runs the relay once, when everything is due.</summary>
    public async Task RelayAsync()
    {
        Time.Advance(new RelayOptions().MaxDelay);
        var relay = new EventRelay(
            Store.Port, TestPublisher.Over(Publisher, Time), Parts, Time, Options.Create(new RelayOptions()), NullLogger<EventRelay>.Instance, TestMetrics.Create());
        await relay.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>From this moment on nothing works any more, as if the process had died; until <see cref="Restart"/>.</summary>
    public void CrashAt(string moment) => _crashAt = moment;

    /// <summary>From now on one step fails whenever it is reached, and nothing else; null ends that.</summary>
    public void FailAt(string? moment) => _failAt = moment;

    public void Restart() => (_crashAt, _crashed) = (null, false);

    private async Task DispatchAsync(string kind, int run, ICollection<Task>? attempts)
    {
        await Task.Yield();
        Pass($"before dispatch {kind}");
        if (Deliveries.TryAdd($"{kind}:{run}", 1))
        {
            attempts?.Add(Task.CompletedTask);
        }

        Pass($"after dispatch {kind}");
    }

    private void Pass(string moment)
    {
        _crashed |= moment == _crashAt;
        if (_crashed)
        {
            throw new IOException("crashed");
        }

        if (moment == _failAt)
        {
            throw new StoreUnavailableException("failed");
        }
    }
}
