using System.Text;
using EventFunctions.Administration;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Schemas;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Administration;

/// <summary>Instances of the service on one store, with a clock that the test turns.</summary>
internal sealed class RegistryScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEventStore _file;

    public RegistryScenario()
    {
        _file = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), TimeProvider.System, TimeSpan.FromMinutes(1), NullLogger.Instance);
        Store = new SqliteDocumentStore(_file);
    }

    public IDocumentStore Store { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero));

    public RegistryOptions Options { get; } = new();

    public Instance Start(params Producer[] settings) => new(this, Store, settings);

    /// <summary>An instance with a connection of its own.</summary>
    public Instance StartOn(IDocumentStore store) => new(this, store, []);

    public static Producer Producer(string name, string source, string? template = null) => new()
    {
        Name = name,
        Source = source,
        Data = new ProducerData { BaseUrl = new Uri("https://policies.example.com/"), Template = template },
    };

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    internal sealed class Instance
    {
        public Instance(RegistryScenario scenario, IDocumentStore store, Producer[] settings)
        {
            Documents = new WatchedDocuments(store);
            var fixedProducers = new FixedProducers(settings);
            Registry = new StoredProducerRegistry(
                Documents,
                fixedProducers,
                new ProducerReader(new JsonSchemas()),
                Microsoft.Extensions.Options.Options.Create(scenario.Options),
                scenario.Time,
                NullLogger<StoredProducerRegistry>.Instance);
            Administration = new ProducerAdministration(Documents, fixedProducers, Registry, scenario.Time);
            Keys = new ProducerKeyAdministration(Documents, fixedProducers, Administration, Registry, scenario.Time);
        }

        public WatchedDocuments Documents { get; }

        public StoredProducerRegistry Registry { get; }

        public ProducerAdministration Administration { get; }

        public ProducerKeyAdministration Keys { get; }

        public Task<ProducerOutcome> PutAsync(Producer producer, Precondition? precondition = null, string by = "somebody") =>
            Administration.PutAsync(producer, precondition ?? Precondition.None, by, TestContext.Current.CancellationToken);

        /// <summary>Whatever is there.</summary>
        public Task<ProducerOutcome> OverwriteAsync(Producer producer) =>
            PutAsync(producer, new Precondition { IfMatch = ["*"] });

        public Task<ProducerOutcome> DeleteAsync(string name, Precondition? precondition = null) =>
            Administration.DeleteAsync(name, precondition ?? new Precondition { IfMatch = ["*"] }, "somebody", TestContext.Current.CancellationToken);

        public async Task<string?> OwnerAsync(string source) =>
            (await Registry.FindBySourceAsync(source, TestContext.Current.CancellationToken))?.Name;

        public static string Written(Producer producer) => Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);
    }
}
