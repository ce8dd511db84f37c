using EventFunctions.Definitions;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Administration;
using EventFunctions.Webhooks;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Webhooks;

/// <summary>Instances of the webhooks' registry on one store, with a clock that the test turns.</summary>
internal sealed class WebhookScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEventStore _file;

    public WebhookScenario()
    {
        _file = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), TimeProvider.System, TimeSpan.FromMinutes(1), NullLogger.Instance);
        Store = new SqliteDocumentStore(_file);
    }

    public IDocumentStore Store { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 30, 0, TimeSpan.Zero));

    public RegistryOptions Options { get; } = new();

    public static Precondition Any { get; } = new() { IfMatch = ["*"] };

    public (WebhookRegistry Registry, WatchedDocuments Documents) Start(IDocumentStore? store = null)
    {
        var documents = new WatchedDocuments(store ?? Store);
        return (new WebhookRegistry(documents, new OptionsWrapper<RegistryOptions>(Options), Time, NullLogger<WebhookRegistry>.Instance), documents);
    }

    public static WebhookDefinition Definition(string name = "crm", string url = "https://crm.example.com/") => new(name, new Uri(url));

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }
}
