using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EventFunctions.Azure.Cosmos;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Tests.Intake;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Cosmos;

/// <summary>The service's stages over the store in Cosmos DB, with a producer and a topic that the test plays.</summary>
internal sealed class CosmosScenario
{
    private const string Source = "/insurance/policies";

    private readonly IEventPublisher _topic = Substitute.For<IEventPublisher>();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly EventIntake _intake;
    private readonly EventEnrichment _enrichment;
    private readonly EventRelay _relay;
    private int _fetches;

    public CosmosScenario(TestDatabase database, bool compares = false)
    {
        Store = database.EventStore;
        _topic.PublishAsync([], default).ReturnsForAnyArgs(call =>
        {
            foreach (var sent in call.Arg<IReadOnlyList<ReadOnlyMemory<byte>>>())
            {
                Published.Enqueue(Encoding.UTF8.GetString(sent.Span));
            }

            return Task.CompletedTask;
        });
        var producers = Substitute.For<IProducerRegistry>();
        var types = ImmutableSortedDictionary.Create<string, ProducerType>(StringComparer.Ordinal);
        producers.FindBySourceAsync(Source, Arg.Any<CancellationToken>()).Returns(new Producer
        {
            Name = "policies",
            Source = Source,
            Types = compares ? types.Add("policy.renewed", new ProducerType { Changes = true }) : types,
            Data = new ProducerData { BaseUrl = new Uri("https://policies.example.com/"), Template = "policies/{id}" },
        });

        // No two fetches find the same data: what is fetched twice shows.
        var producer = Substitute.For<IProducerClient>();
        producer.FetchAsync(default!, default!, default).ReturnsForAnyArgs(call =>
            new FetchedData(call.Arg<Uri>(), "application/json", null, Encoding.UTF8.GetBytes($"[{Interlocked.Increment(ref _fetches)}]")));
        var publisher = TestPublisher.Over(_topic, _time);
        _intake = TestIntake.Over(Store, producers, publisher, _time);
        var links = new EntityLinks(compares ? database.DocumentStore : Substitute.For<IDocumentStore>());
        var parts = new PartRunner(Store, links, Substitute.For<IEventDispatch>(), new EnrichmentOptions().Retention, _time, NullLogger<PartRunner>.Instance);
        var options = Options.Create(new EnrichmentOptions());
        _enrichment = new EventEnrichment(
            Store,
            producers,
            new FullDataFetch(Store, links, producer, new JsonSchemas(), _time, options, Options.Create(new RegistryOptions())),
            publisher,
            parts,
            _time,
            options,
            Options.Create(new RelayOptions()),
            NullLogger<EventEnrichment>.Instance,
            TestNotices.Failures(Substitute.For<IEventPublisher>(), _time),
            TestMetrics.Create());
        _relay = new EventRelay(Store, publisher, parts, _time, Options.Create(new RelayOptions()), NullLogger<EventRelay>.Instance, TestMetrics.Create());
    }

    public CosmosEventStore Store { get; }

    /// <summary>Everything that was published, in order.</summary>
    public ConcurrentQueue<string> Published { get; } = [];

    public FakeTimeProvider Time => _time;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static EventKey Key(string id) => new(Source, id);

    /// <summary>Sends an event as a producer does: again, until it is answered.</summary>
    public Task<IntakeOutcome> SendAsync(string id, string? subject = null) => UntilAnsweredAsync(async () =>
    {
        var result = await _intake.AcceptAsync([new EventNotification { Id = id, Source = Source, Type = "policy.renewed", Subject = subject }], Stop);
        return Assert.Single(result.Outcomes);
    });

    /// <summary>Delivers what was published as Event Grid does: again, until it is answered.</summary>
    public async Task DeliverAsync()
    {
        var ids = Ids().Where(id => !id.Contains(":enriched", StringComparison.Ordinal)).ToList();
        foreach (var id in ids)
        {
            await UntilAnsweredAsync(async () =>
            {
                await _enrichment.EnrichAsync(new DeliveredEvent { Id = id, Source = Source, Type = "policy.renewed" }, Stop);
                return true;
            });
        }
    }

    /// <summary>Lets the relay publish what intake did not.</summary>
    public async Task RelayAsync()
    {
        _time.Advance(TimeSpan.FromMinutes(11));
        await UntilAnsweredAsync(async () => await _relay.RunAsync(Stop));
    }

    public List<string> Ids() => [.. Published.Select(sent => JsonDocument.Parse(sent).RootElement.GetProperty("id").GetString()!)];

    private static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception e) when (e is StoreUnavailableException or EnrichmentIncompleteException && attempt < 20)
            {
            }
        }
    }
}
