using System.Collections.ObjectModel;
using System.Diagnostics.Metrics;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.Cosmos;

/// <summary>A test's own database with a container for events as DESIGN's, and the way to it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly SocketsHttpHandler _sockets = new();
    private readonly CosmosOptions _options;

    private TestDatabase(CosmosAccount account, string connection)
    {
        _options = new CosmosOptions
        {
            ConnectionString = connection,
            Database = $"test-{Guid.NewGuid():N}",
            ConnectionMode = "Gateway",
        };
        Network.InnerHandler = account.IsReal ? _sockets : new CorrectedServer(account.Address) { InnerHandler = _sockets };
        Client = Connect();
    }

    public FaultyNetwork Network { get; } = new();

    /// <summary>The meter that the client's request charges go to.</summary>
    public Meter Meter { get; } = new(RequestCharges.MeterName);

    public CosmosClient Client { get; }

    /// <summary>The event store over <see cref="Client"/>.</summary>
    public CosmosEventStore EventStore => EventStoreOver(Client);

    /// <summary>The document store over <see cref="Client"/>.</summary>
    public CosmosDocumentStore DocumentStore => DocumentStoreOver(Client);

    public Container Events => Client.GetContainer(_options.Database, _options.EventsContainer);

    public CosmosOptions Options => _options;

    public static async Task<TestDatabase> CreateAsync(CosmosAccount account, Action<ContainerProperties>? change = null, bool withDocuments = false)
    {
        var database = new TestDatabase(account, await account.ConnectAsync());
        Database created = await database.Client.CreateDatabaseAsync(database._options.Database);
        var events = EventsContainer(database._options.EventsContainer);
        change?.Invoke(events);
        await created.CreateContainerAsync(events);
        foreach (var container in withDocuments ? DocumentContainer.All : [])
        {
            await created.CreateContainerAsync(DocumentsContainer(container));
        }

        return database;
    }

    /// <summary>The event store, with patience: where many tests share a machine, a call takes as long as it takes.</summary>
    public CosmosEventStore EventStoreOver(CosmosClient client) =>
        new(client.GetContainer(_options.Database, _options.EventsContainer), new RecordReader(NullLogger.Instance), Patience, Patience);

    /// <summary>The document store, with patience.</summary>
    public CosmosDocumentStore DocumentStoreOver(CosmosClient client) => new(client.GetDatabase(_options.Database), Patience, Patience);

    /// <summary>Another client, as another process has one.</summary>
    public CosmosClient Connect() => CosmosClients.Create(
        _options,
        () => throw new InvalidOperationException("There is a key."),
        Meter,
        client =>
        {
            client.HttpClientFactory = () => new HttpClient(Network, disposeHandler: false);
            client.RequestTimeout = Patience;
        });

    public async ValueTask DisposeAsync()
    {
        Network.Choose = _ => Fault.None;
        await Client.GetDatabase(_options.Database).DeleteAsync();
        Client.Dispose();
        _sockets.Dispose();
        Meter.Dispose();
    }

    private static ContainerProperties EventsContainer(string name) => new(name, "/eventId")
    {
        PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2,
        DefaultTimeToLive = -1,
        IndexingPolicy = new IndexingPolicy
        {
            ExcludedPaths = { new ExcludedPath { Path = "/*" } },
            IncludedPaths =
            {
                new IncludedPath { Path = "/kind/?" },
                new IncludedPath { Path = "/eventId/?" },
                new IncludedPath { Path = "/status/?" },
                new IncludedPath { Path = "/source/?" },
                new IncludedPath { Path = "/type/?" },
                new IncludedPath { Path = "/subject/?" },
                new IncludedPath { Path = "/entityId/?" },
                new IncludedPath { Path = "/reason/?" },
                new IncludedPath { Path = "/recordedAt/?" },
                new IncludedPath { Path = "/relayAt/?" },
            },
            CompositeIndexes =
            {
                Composite(("/recordedAt", true), ("/eventId", false)),
            },
        },
    };

    // The server from npm takes an index for one direction only.
    private static ContainerProperties DocumentsContainer(DocumentContainer container)
    {
        var properties = new ContainerProperties(container.Name, "/" + container.PartitionKey)
        {
            PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V2,
            DefaultTimeToLive = -1,
            IndexingPolicy = new IndexingPolicy { ExcludedPaths = { new ExcludedPath { Path = "/*" } } },
        };
        foreach (var field in container.Indexed)
        {
            properties.IndexingPolicy.IncludedPaths.Add(new IncludedPath { Path = $"/{field}/?" });
        }

        foreach (var field in container.Sorted)
        {
            foreach (var descending in new[] { false, true })
            {
                properties.IndexingPolicy.CompositeIndexes.Add(
                    Composite(("/" + field, descending), ("/id", descending), ("/" + container.PartitionKey, descending)));
            }
        }

        return properties;
    }

    private static Collection<CompositePath> Composite(params (string Path, bool Descending)[] paths) => [.. paths.Select(path => new CompositePath
    {
        Path = path.Path,
        Order = path.Descending ? CompositePathSortOrder.Descending : CompositePathSortOrder.Ascending,
    })];
}
