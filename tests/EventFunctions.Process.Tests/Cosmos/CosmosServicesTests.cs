using System.Diagnostics.Metrics;
using Azure.Core;
using Azure.Identity;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Composition;
using EventFunctions.Records.Documents;
using EventFunctions.Settings;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Cosmos;

public sealed class CosmosServicesTests(CosmosAccount account)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Endpoint", null, "Cosmos:Endpoint is missing; example: https://")]
    [InlineData("Endpoint", "events", "Cosmos:Endpoint is \"events\", which is not an http or https URL")]
    [InlineData("Endpoint", "http://events.example.com/", "tokens are sent over https only")]
    [InlineData("Key", "no key", "Cosmos:Key is not base64")]
    [InlineData("ConnectionString", "AccountEndpoint=https://localhost:8081/;AccountKey=a2V5", "Remove one or the other")]
    [InlineData("Database", "", "Cosmos:Database is \"\"")]
    [InlineData("ConnectionMode", "Both", "Cosmos:ConnectionMode is \"Both\"")]
    [InlineData("EventsContainer", "a/b", "Cosmos:EventsContainer is \"a/b\"")]
    public void A_wrong_setting_is_named_in_one_line_with_an_example(string setting, string? value, string message)
    {
        var error = Assert.Single(OptionsOf(setting, value).Validate());

        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Contains("example: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AccountEndpoint=https://localhost:8081/")]
    [InlineData("AccountEndpoint=localhost;AccountKey=a2V5")]
    [InlineData("AccountEndpoint=https://localhost:8081/;AccountKey=?")]
    public void A_connection_string_without_endpoint_or_key_is_refused(string connection) =>
        Assert.StartsWith("Cosmos:ConnectionString needs an", Assert.Single(new CosmosOptions { ConnectionString = connection }.Validate()), StringComparison.Ordinal);

    [Fact]
    public void Settings_that_are_right_are_taken() => Assert.Empty(OptionsOf("ConnectionMode", "Gateway").Validate());

    [Fact]
    public void A_key_is_never_part_of_an_error() =>
        Assert.DoesNotContain(OptionsOf("Key", "sesame open").Validate(), error => error.Contains("sesame", StringComparison.Ordinal));

    [Fact]
    public void The_store_setting_chooses_Cosmos()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Cosmos",
                ["Cosmos:ConnectionString"] = "AccountEndpoint=https://localhost:1/;AccountKey=a2V5",
            })
            .Build();
        using var services = new ServiceCollection().AddLogging().AddEventFunctions(configuration).BuildServiceProvider();

        Assert.IsType<CosmosEventStore>(services.GetRequiredService<IEventStore>());
        Assert.IsType<CosmosDocumentStore>(services.GetRequiredService<IDocumentStore>());
    }

    [Fact]
    public async Task A_container_as_it_should_be_lets_the_host_start()
    {
        await using var database = await TestDatabase.CreateAsync(account);

        await Check(database.Events).StartAsync(Stop);
    }

    [Fact]
    public async Task A_container_that_indexes_what_is_needed_is_not_warned_of()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        var log = new ListLogger<ContainerCheck>();

        await Check(database.Events, log).StartAsync(Stop);

        Assert.Empty(log.Lines);
    }

    [Fact]
    public async Task A_container_that_lacks_an_index_is_warned_of_in_one_line_that_says_what_to_do()
    {
        await using var database = await TestDatabase.CreateAsync(account, container =>
        {
            container.IndexingPolicy.IncludedPaths.Remove(container.IndexingPolicy.IncludedPaths.Single(path => path.Path == "/relayAt/?"));
            container.IndexingPolicy.CompositeIndexes.RemoveAt(0);
        });
        var log = new ListLogger<ContainerCheck>();

        await Check(database.Events, log).StartAsync(Stop);

        var line = Assert.Single(log.Lines).Text;
        Assert.Contains("does not index /relayAt, (/recordedAt descending, /eventId): lists and the relay", line, StringComparison.Ordinal);
        Assert.Contains($"example: az cosmosdb sql container update --account-name ACCOUNT --resource-group GROUP --database-name {database.Options.Database} --name events --idx", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_indexes_everything_indexes_what_is_needed_save_for_orders()
    {
        var everything = new IndexingPolicy { IncludedPaths = { new IncludedPath { Path = "/*" } }, ExcludedPaths = { new ExcludedPath { Path = "/\"_etag\"/?" } } };
        var almost = new IndexingPolicy { IncludedPaths = { new IncludedPath { Path = "/*" } }, ExcludedPaths = { new ExcludedPath { Path = "/\"status\"/?" } } };

        Assert.Equal(["(/recordedAt descending, /eventId)"], NeededIndex.Events.MissingFrom(everything));
        Assert.Equal("/status", NeededIndex.Events.MissingFrom(almost)[0]);
        Assert.Equal(NeededIndex.Events.Paths.Length + 1, NeededIndex.Events.MissingFrom(new IndexingPolicy { IndexingMode = IndexingMode.None, Automatic = false }).Count);
    }

    [Fact]
    public void Documents_need_an_index_for_each_order_down_to_the_last_tie()
    {
        var everything = new IndexingPolicy { IncludedPaths = { new IncludedPath { Path = "/*" } } };

        Assert.Equal(["(/dueAt, /id, /webhook)", "(/createdAt, /id, /webhook)", "(/lostSince, /id, /webhook)"], NeededIndex.Of(DocumentContainer.Deliveries).MissingFrom(everything));
    }

    [Fact]
    public void An_index_serves_its_order_backwards_too_but_no_other()
    {
        Assert.Equal(NeededIndex.Events.Paths.Length, NeededIndex.Events.MissingFrom(Composite(CompositePathSortOrder.Ascending, CompositePathSortOrder.Descending)).Count);
        Assert.Equal(NeededIndex.Events.Paths.Length + 1, NeededIndex.Events.MissingFrom(Composite(CompositePathSortOrder.Descending, CompositePathSortOrder.Descending)).Count);

        static IndexingPolicy Composite(CompositePathSortOrder recordedAt, CompositePathSortOrder eventId) => new()
        {
            CompositeIndexes = { new() { new() { Path = "/recordedAt", Order = recordedAt }, new() { Path = "/eventId", Order = eventId } } },
        };
    }

    [Fact]
    public async Task A_container_with_another_partition_key_stops_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(account, container => container.PartitionKeyPath = "/id");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Check(database.Events).StartAsync(Stop));

        Assert.Contains("has the partition key /id instead of /eventId", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "has no time to live")]
    [InlineData(60, "has a default time to live of 60 s")]
    public async Task A_container_whose_time_to_live_is_wrong_stops_the_host(int? timeToLive, string message)
    {
        await using var database = await TestDatabase.CreateAsync(account, container => container.DefaultTimeToLive = timeToLive);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Check(database.Events).StartAsync(Stop));

        Assert.Contains(message, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_with_the_first_version_of_partition_keys_stops_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(account, container => container.PartitionKeyDefinitionVersion = PartitionKeyDefinitionVersion.V1);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Check(database.Events).StartAsync(Stop));

        Assert.Contains("has version 1 of partition keys", Assert.Single(error.Failures), StringComparison.Ordinal);
        Assert.Contains("--partition-key-version 2", error.Failures.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void All_containers_are_looked_at()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Store"] = "Cosmos", ["Cosmos:ConnectionString"] = "AccountEndpoint=https://localhost:1/;AccountKey=a2V5" })
            .Build();
        using var services = new ServiceCollection().AddLogging().AddEventFunctions(configuration).BuildServiceProvider();

        Assert.Equal(
            [
                ("events", "/eventId"), ("entities", "/entityId"), ("producers", "/name"), ("state", "/kind"), ("webhooks", "/name"), ("deliveries", "/webhook"),
            ],
            CosmosServices.NeededBy(services).Select(needed => (needed.Container.Id, needed.PartitionKeyPath)));
    }

    [Fact]
    public void The_client_is_as_short_of_patience_as_a_producer_and_answers_no_more_than_is_read()
    {
        using var meter = new Meter(RequestCharges.MeterName);
        using var client = CosmosClients.Create(
            new CosmosOptions { Endpoint = "https://events.documents.azure.com:443/" }, () => Substitute.For<TokenCredential>(), meter);

        var options = client.ClientOptions;
        Assert.Equal(ConnectionMode.Direct, options.ConnectionMode);
        Assert.False(options.EnableContentResponseOnWrite);
        Assert.Equal(TimeSpan.FromSeconds(3), options.RequestTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), options.MaxRetryWaitTimeOnRateLimitedRequests);
        Assert.Equal("EventFunctions", options.ApplicationName);
        Assert.IsType<RequestCharges>(Assert.Single(options.CustomHandlers));
    }

    [Fact]
    public async Task A_container_that_is_not_there_stops_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(account);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => Check(database.Client.GetContainer(database.Options.Database, "nothing")).StartAsync(Stop));

        Assert.Contains("The container \"nothing\" of", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_cannot_be_reached_does_not_stop_the_host_but_fails_the_check()
    {
        using var meter = new Meter(RequestCharges.MeterName);
        var options = new CosmosOptions { ConnectionString = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5", ConnectionMode = "Gateway" };
        using var client = CosmosClients.Create(options, () => throw new InvalidOperationException(), meter);
        var container = client.GetContainer(options.Database, options.EventsContainer);

        var log = new ListLogger<ContainerCheck>();
        await Check(container, log).StartAsync(Stop);

        var line = Assert.Single(log.Lines).Text;
        Assert.StartsWith("Could not check the container \"events\" of database \"eventfunctions\"", line, StringComparison.Ordinal);
        Assert.Contains("Check Cosmos:Endpoint, and that the account's firewall allows this service.", line, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => new CosmosEventStore(container, new RecordReader(NullLogger.Instance), TimeSpan.FromSeconds(1)).CheckAsync(Stop));
    }

    [Fact]
    public async Task Each_operation_records_its_charge()
    {
        await using var database = await TestDatabase.CreateAsync(account);
        List<string> measured = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, it) => EnableOwn(instrument, it, database.Meter) };
        listener.SetMeasurementEventCallback<double>((instrument, charge, tags, _) =>
        {
            Assert.True(charge > 0);
            measured.Add($"{instrument.Name} {TagOf(tags, "db.operation.name")} {TagOf(tags, "db.response.status_code")}");
        });
        listener.Start();
        var store = database.EventStore;
        var record = StoreSamples.Record();

        await store.CreateAsync([record], Stop);
        await store.ReadAsync(record.Key, Stop);
        await store.ListAsync(new EventQuery(), Stop);

        Assert.Equal(
            [
                "azure.cosmosdb.client.operation.request_charge create_item 201",
                "azure.cosmosdb.client.operation.request_charge read_item 200",
                "azure.cosmosdb.client.operation.request_charge query_items 200",
            ],
            measured.Distinct());
    }

    private static void EnableOwn(Instrument instrument, MeterListener listener, Meter meter)
    {
        if (instrument.Meter == meter)
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static object? TagOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var tag in tags)
        {
            if (tag.Key == name)
            {
                return tag.Value;
            }
        }

        return null;
    }

    [Fact]
    public async Task A_service_without_an_identity_is_told_what_to_do_and_does_not_stop()
    {
        using var meter = new Meter(RequestCharges.MeterName);
        var credential = Substitute.For<TokenCredential>();
        credential.GetTokenAsync(default, Stop).ReturnsForAnyArgs<AccessToken>(_ => throw new CredentialUnavailableException("Please run 'az login'"));
        var options = new CosmosOptions { Endpoint = "https://127.0.0.1:1/", ConnectionMode = "Gateway" };
        using var client = CosmosClients.Create(options, () => credential, meter);
        var log = new ListLogger<ContainerCheck>();

        await Check(client.GetContainer(options.Database, options.EventsContainer), log).StartAsync(Stop);

        Assert.Contains("set AzureIdentity:ClientId", Assert.Single(log.Lines).Text, StringComparison.Ordinal);
    }

    private static ContainerCheck Check(Container container, ListLogger<ContainerCheck>? log = null) =>
        new([new(container, "/eventId", "Cosmos:EventsContainer", NeededIndex.Events)], log ?? new());

    private static CosmosOptions OptionsOf(string setting, string? value)
    {
        var settings = new Dictionary<string, string?> { ["Cosmos:Endpoint"] = "https://events.documents.azure.com:443/" };
        settings["Cosmos:" + setting] = value;
        return StrictSettings.Read<CosmosOptions>(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("Cosmos"));
    }
}
