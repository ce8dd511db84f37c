using System.Diagnostics.Metrics;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Ports;
using EventFunctions.Tests.Stores;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Cosmos;

public sealed class CosmosServicesTests(CosmosAccount account)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Endpoint", null, "Cosmos:Endpoint is missing; example: https://")]
    [InlineData("Endpoint", "events", "Cosmos:Endpoint is \"events\", which is no http or https URL")]
    [InlineData("Endpoint", "http://events.example.com/", "tokens are sent over https only")]
    [InlineData("Key", "no key", "Cosmos:Key is not base64")]
    [InlineData("ConnectionString", "AccountEndpoint=https://localhost:8081/;AccountKey=a2V5", "remove one or the other")]
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
        Assert.StartsWith("Cosmos:ConnectionString has no", Assert.Single(new CosmosOptions { ConnectionString = connection }.Validate()), StringComparison.Ordinal);

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
    public async Task A_container_with_another_partition_key_stops_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(account, container => container.PartitionKeyPath = "/id");

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Check(database.Events).StartAsync(Stop));

        Assert.Contains("has the partition key /id instead of /eventId", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "has its time to live off")]
    [InlineData(60, "has a default time to live of 60 s")]
    public async Task A_container_whose_time_to_live_is_wrong_stops_the_host(int? timeToLive, string message)
    {
        await using var database = await TestDatabase.CreateAsync(account, container => container.DefaultTimeToLive = timeToLive);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Check(database.Events).StartAsync(Stop));

        Assert.Contains(message, Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_that_is_not_there_stops_the_host()
    {
        await using var database = await TestDatabase.CreateAsync(account);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => Check(database.Client.GetContainer(database.Options.Database, "nothing")).StartAsync(Stop));

        Assert.Contains("there is no container \"nothing\"", Assert.Single(error.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_cannot_be_reached_does_not_stop_the_host_but_fails_the_check()
    {
        using var meter = new Meter(RequestCharges.MeterName);
        var options = new CosmosOptions { ConnectionString = "AccountEndpoint=http://127.0.0.1:1/;AccountKey=a2V5", ConnectionMode = "Gateway" };
        using var client = CosmosClients.Create(options, () => throw new InvalidOperationException(), meter);
        var container = client.GetContainer(options.Database, options.EventsContainer);

        await Check(container).StartAsync(Stop);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => new CosmosEventStore(container, TimeSpan.FromSeconds(1)).CheckAsync(Stop));
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
        var store = new CosmosEventStore(database.Events);
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

    private static ContainerCheck Check(Container container) =>
        new([new(container, "/eventId", "Cosmos:EventsContainer")], NullLogger<ContainerCheck>.Instance);

    private static CosmosOptions OptionsOf(string setting, string? value)
    {
        var settings = new Dictionary<string, string?> { ["Cosmos:Endpoint"] = "https://events.documents.azure.com:443/" };
        settings["Cosmos:" + setting] = value;
        return new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("Cosmos").Get<CosmosOptions>()!;
    }
}
