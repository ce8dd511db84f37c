using EventFunctions.Azure.Cosmos;
using EventFunctions.Cli.Costs;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using EventFunctions.Ticks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Cosmos;

/// <summary>How what is due is found in an account of many physical partitions.</summary>
public sealed class DueWorkTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = StoreSamples.Start.AddHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(Now);
    private readonly SqliteEventStore _file;
    private readonly SqliteDocumentStore _documents;

    public DueWorkTests()
    {
        _file = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), _time, TimeSpan.FromHours(1), NullLogger.Instance);
        _documents = new SqliteDocumentStore(_file);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_tick_costs_the_same_on_one_partition_and_on_a_hundred()
    {
        using var one = new PartitionedAccount(1);
        using var hundred = new PartitionedAccount(100);

        await TickAsync(one);
        await TickAsync(hundred);

        Assert.Equal(one.Requests.Order(StringComparer.Ordinal), hundred.Requests.Order(StringComparer.Ordinal));
        Assert.Equal(1, hundred.Requests.Count(request => request == "QUERY events"));
        Assert.Equal(2, hundred.Requests.Count(request => request == "QUERY deliveries"));
        Assert.Equal(StoreUsage.OfTick.Count(charge => charge == StoreCharges.QueryPartition), hundred.Requests.Count(request => request.StartsWith("QUERY", StringComparison.Ordinal)));
        Assert.Equal(StoreUsage.OfTick.Count, hundred.Requests.Count);
    }

    [Fact]
    public async Task A_due_record_in_any_partition_is_found_after_as_many_reads_as_there_are_partitions()
    {
        using var account = new PartitionedAccount(100);
        var record = Due("1");
        account.Put(73, record);
        var store = Store(account);
        var found = 0;

        for (var reads = 0; reads < 100; reads++)
        {
            found += (await store.ReadDueAsync(Now, 10, Stop)).Count(one => one.Key == record.Key);
        }

        Assert.Equal((1, 100), (found, account.Requests.Count));
    }

    [Fact]
    public async Task A_record_that_a_patch_makes_due_is_found_with_the_first_read_and_forgotten_when_it_is_due_no_more()
    {
        using var account = new PartitionedAccount(100);
        var record = Due("1");
        account.Put(73, record);
        var store = Store(account);
        await store.PatchAsync(record.Key, Later(Now), Stop);

        Assert.Equal([record.Key], (await store.ReadDueAsync(Now, 10, Stop)).Select(one => one.Key));
        account.Put(73, record with { RelayAt = Now.AddHours(25) });
        Assert.DoesNotContain(await store.ReadDueAsync(Now, 10, Stop), one => one.RelayAt <= Now);
        Assert.Empty(await NamedAsync());
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(100, 0, 1)]
    [InlineData(100, 25, 0)]
    public async Task Only_what_is_due_soon_is_named_and_only_if_there_are_several_partitions(int partitions, int hours, int named)
    {
        using var account = new PartitionedAccount(partitions);

        await Store(account).PatchAsync(new EventKey("/s", "1"), Later(Now.AddHours(hours)), Stop);

        Assert.Equal(named, (await NamedAsync()).Count);
    }

    [Fact]
    public async Task More_than_can_be_named_are_found_by_asking_every_partition_until_there_are_none()
    {
        using var account = new PartitionedAccount(10);
        var store = Store(account);
        var records = Enumerable.Range(0, DueIndex.MaxPerMinute + 20).Select(i => Due($"{i}")).ToList();
        foreach (var (i, record) in records.Index())
        {
            account.Put(i % 10, record);
            await store.PatchAsync(record.Key, Later(Now), Stop);
        }

        Assert.Equal(DueIndex.MaxPerMinute + 1, (await NamedAsync()).Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        var found = await store.ReadDueAsync(_time.GetUtcNow(), 1_000, Stop);
        records.ForEach(record => account.Remove(record.Key));
        await store.ReadDueAsync(_time.GetUtcNow(), 1_000, Stop);

        Assert.Equal(records.Select(record => record.Key).ToHashSet(), found.Select(record => record.Key).ToHashSet());
        Assert.Empty(await NamedAsync());
    }

    private static EventRecord Due(string id) => StoreSamples.Record(id) with { RelayAt = Now.AddMinutes(-1) };

    private static RecordPatch Later(DateTimeOffset at) => RecordPatch.RelayLater(0, at, 1, null);

    private CosmosEventStore Store(PartitionedAccount account)
    {
        var events = account.Client.GetContainer("db", "events");
        return new CosmosEventStore(events, new RecordReader(NullLogger.Instance), index: new DueIndex(_documents, new PartitionTurns(events), _time));
    }

    private async Task<IReadOnlyList<StoredDocument>> NamedAsync() =>
        (await _documents.QueryAsync(new DocumentQuery(DocumentContainer.State) { Partition = "due", Limit = 1_000 }, Stop)).Items;

    private static async Task TickAsync(PartitionedAccount account)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Store"] = "Cosmos",
            ["Cosmos:Endpoint"] = "https://partitioned.example.com/",
            ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
            ["EventGrid:Endpoint"] = "https://events.westeurope-1.eventgrid.azure.net/api/events",
            ["Enrichment:PublicUrl"] = "https://events.example.com/",
        }).Build();
        var producers = Substitute.For<IProducerRegistry>();
        producers.ListAsync(Stop).ReturnsForAnyArgs([]);
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddMetrics()
            .AddSingleton(account.Client)
            .AddEventFunctions(configuration)
            .Replace(ServiceDescriptor.Singleton(producers))
            .Replace(ServiceDescriptor.Singleton(Substitute.For<IEventPublisher>()))
            .Replace(ServiceDescriptor.Singleton(Substitute.For<IMessageQueue>()))
            .BuildServiceProvider();

        var results = await services.GetRequiredService<ServiceTick>().RunAsync(Stop);

        Assert.All(results, result => Assert.Equal($"{result.Part} Completed ", $"{result.Part} {result.Outcome} {result.Detail}"));
    }
}
