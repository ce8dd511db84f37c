using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EventFunctions.Composition;
using EventFunctions.Publication;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFunctions.Tests.Cosmos;

/// <summary>
/// Two instances of the service as a host composes them, each with a client of its own, on one database; with one topic that
/// counts what it takes.
/// </summary>
internal sealed class TwoInstances : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly ServiceProvider _here;
    private readonly ServiceProvider _there;

    private TwoInstances(TestDatabase database, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        _database = database;
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Cosmos",
                ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
                ["Cosmos:ConnectionString"] = database.Options.ConnectionString,
                ["Cosmos:Database"] = database.Options.Database,
                ["Cosmos:ConnectionMode"] = "Gateway",
                ["EventGrid:Endpoint"] = "https://topic.invalid/api/events",
                ["EventGrid:Key"] = "key",
                ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
                ["ProducerClient:AllowedNetworks:0"] = "127.0.0.0/8",
                ["Intake:RelayAfterFailure"] = "00:00:00.1",

                // On a busy machine the server takes longer than the usual 3 s to record a failed publication, and the event would wait for FirstRelayAfter.
                ["Intake:StoreBudget"] = "00:00:30",
                ["Registry:RefreshEvery"] = "00:00:01",
                ["Feeds:TickBudget"] = "00:00:20",
            })
            .AddInMemoryCollection(settings)
            .Build();
        (_here, _there) = (Start(), Start());

        ServiceProvider Start() => new ServiceCollection()
            .AddLogging()
            .AddSingleton(_ => database.Connect())
            .AddEventFunctions(configuration)
            .Replace(ServiceDescriptor.Singleton<IEventPublisher>(Topic))
            .Replace(ServiceDescriptor.Singleton<IEventStore>(s => database.EventStoreOver(s.GetRequiredService<CosmosClient>())))
            .Replace(ServiceDescriptor.Singleton<IDocumentStore>(s => database.DocumentStoreOver(s.GetRequiredService<CosmosClient>())))
            .BuildServiceProvider();
    }

    public CountingTopic Topic { get; } = new();

    /// <summary>The requests for items that both have made so far.</summary>
    public ConcurrentQueue<string> Requests => _database.Network.Requests;

    public static async Task<TwoInstances> StartAsync(CosmosAccount account, IEnumerable<KeyValuePair<string, string>>? settings = null) =>
        new(await TestDatabase.CreateAsync(account, withDocuments: true), (settings ?? []).Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));

    public T Here<T>()
        where T : notnull => _here.GetRequiredService<T>();

    public T There<T>()
        where T : notnull => _there.GetRequiredService<T>();

    /// <summary>Both do the same at the same time.</summary>
    public Task<TResult[]> BothAsync<T, TResult>(Func<T, Task<TResult>> work)
        where T : notnull => Task.WhenAll(Task.Run(() => work(Here<T>())), Task.Run(() => work(There<T>())));

    /// <summary>Both do the same at the same time.</summary>
    public Task BothAsync<T>(Func<T, Task> work)
        where T : notnull => Task.WhenAll(Task.Run(() => work(Here<T>())), Task.Run(() => work(There<T>())));

    /// <summary>How many of the requests since the last call had a method.</summary>
    public Dictionary<string, int> CountRequests()
    {
        var counts = new Dictionary<string, int>();
        while (Requests.TryDequeue(out var method))
        {
            counts[method] = counts.GetValueOrDefault(method) + 1;
        }

        return counts;
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>A topic that remembers the copies of each event.</summary>
internal sealed class CountingTopic : IEventPublisher
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _taken = new(StringComparer.Ordinal);

    public bool IsDown { get; set; }

    public string Topic => "events";

    /// <summary>The JSON of each copy, by event ID.</summary>
    public IReadOnlyDictionary<string, ConcurrentQueue<string>> Taken => _taken;

    public Task PublishAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken)
    {
        if (IsDown)
        {
            throw new PublishException(PublishFailure.Unavailable, "down");
        }

        foreach (var sent in events)
        {
            var json = Encoding.UTF8.GetString(sent.Span);
            _taken.GetOrAdd(JsonElement.Parse(json).GetProperty("id").GetString()!, _ => []).Enqueue(json);
        }

        return Task.CompletedTask;
    }
}
