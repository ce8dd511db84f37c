using System.Collections.Immutable;
using System.Text.Json;
using EventFunctions.Monitoring;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Preparation.Entities;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Preparation.Monitoring;

/// <summary>A producer of whom events of type <c>x</c> are expected, over a real store and a clock of the test's own.</summary>
internal sealed class MonitorScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Registry _registry = new();
    private readonly CoalescingPublisher _publisher;

    public MonitorScenario()
    {
        Events = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), Time, TimeSpan.FromDays(10), NullLogger.Instance);
        Documents = new FaultyDocuments(new SqliteDocumentStore(Events));
        _publisher = TestPublisher.Over(Topic.Port, Time);
        Arrivals = new Arrivals(Documents, Events, Time, Options.Create(new MonitoringOptions()));
        Expect(TimeSpan.FromHours(1));
    }

    public FakeTimeProvider Time { get; } = new(StoreSamples.Start);

    public TopicDouble Topic { get; } = new();

    public SqliteEventStore Events { get; }

    public FaultyDocuments Documents { get; }

    private Arrivals Arrivals { get; }

    /// <summary>What was published, each as its type's last word and what the data says of the last event.</summary>
    public IEnumerable<string> Published => Topic.Taken.Select(text => JsonElement.Parse(text)).Select(one =>
        one.GetProperty("type").GetString()!.Split('.')[^1] + (one.GetProperty("data").TryGetProperty("subject", out var subject) ? " " + subject.GetString() : ""));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Expect(TimeSpan? every, bool perEntity = false, string source = "/s") => _registry.Producer = new Producer
    {
        Name = "policies",
        Source = source,
        Types = ImmutableSortedDictionary.Create<string, ProducerType>(StringComparer.Ordinal)
            .Add("x", new ProducerType { ExpectEvery = every, ExpectPerEntity = perEntity }),
    };

    /// <summary>Another instance of the watch over the same store.</summary>
    public ProducerWatch Watch() => new(
        Documents,
        _registry,
        new WatchLog(Documents, TickSchedule.Of("0 * * * * *"), Time, Options.Create(new MonitoringOptions())),
        Arrivals,
        new OwnEventPublisher(_publisher, Substitute.For<IOwnEventDispatch>()),
        Time,
        Options.Create(new MonitoringOptions()),
        NullLogger<ProducerWatch>.Instance);

    /// <summary>How it stands with what is expected.</summary>
    public async Task<ExpectationState> StateAsync() =>
        Assert.Single(await new ExpectationReader(Documents, Arrivals).ReadAsync((await _registry.FindByNameAsync("policies", Cancellation))!, Cancellation));

    public Task LookAsync() => Watch().LookAsync(Cancellation);

    /// <summary>Time passes, and the service looks every minute.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMinutes(1))
        {
            Time.Advance(TimeSpan.FromMinutes(1));
            await LookAsync();
        }
    }

    public EventRecord Record(string subject = "42", TimeSpan skew = default, string type = "x")
    {
        var record = EntityScenario.Record(Guid.NewGuid().ToString(), subject, type);
        return record with { RecordedAt = Time.GetUtcNow() + skew };
    }

    /// <summary>An event comes now.</summary>
    public Task ComeAsync(string subject = "42", TimeSpan skew = default, string type = "x") => ComeAsync([Record(subject, skew, type)]);

    /// <summary>An event of another source comes now.</summary>
    public Task ComeAsync(string subject, string source, string producer = "policies") => ComeAsync(
        [EntityScenario.Record(Guid.NewGuid().ToString(), subject, source: source, producer: producer) with { RecordedAt = Time.GetUtcNow() }]);

    /// <summary>Events come now.</summary>
    public Task ComeAsync(IReadOnlyList<EventRecord> records) => Events.CreateAsync(records, Cancellation);

    public async ValueTask DisposeAsync()
    {
        await Events.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class Registry : IProducerRegistry
    {
        public Producer? Producer { get; set; }

        public ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken) => new(Producer);

        public ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken) => new(Producer);

        public ValueTask<Producer?> FindKnownByNameAsync(string name, CancellationToken cancellationToken) => new(Producer);

        public ValueTask<Producer?> FindByKeyAsync(string key, CancellationToken cancellationToken) => new((Producer?)null);

        public ValueTask<bool> RequiresKeyAsync(string name, CancellationToken cancellationToken) => new(false);

        public ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken) => new([Producer!]);
    }
}
