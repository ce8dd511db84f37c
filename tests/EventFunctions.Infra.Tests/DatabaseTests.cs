using EventFunctions.Infra.Components;
using EventFunctions.Storage;

namespace EventFunctions.Infra.Tests;

public sealed class DatabaseTests
{
    public static TheoryData<string> Documents => [.. DocumentContainer.All.Select(container => container.Name)];

    [Theory]
    [InlineData("events", "/eventId", "kind eventId status source type subject entityId occurredAt reason recordedAt relayAt")]
    [InlineData("entities", "/entityId", "kind source type lastSeen time")]
    [InlineData("producers", "/name", "kind")]
    [InlineData("state", "/kind", "kind dueAt")]
    [InlineData("webhooks", "/name", "status dueAt eventId")]
    [InlineData("deliveries", "/webhook", "status dueAt eventId createdAt lostSince")]
    public async Task A_container_is_partitioned_and_indexed_as_designed(string name, string key, string indexed)
    {
        var container = (await Run.WithAsync())[name];

        Assert.Equal([key], container.Texts("resource.partitionKey.paths"));
        Assert.Equal("2", container.Text("resource.partitionKey.version"));
        Assert.Equal("-1", container.Text("resource.defaultTtl"));
        Assert.Equal(indexed.Split(' ').Select(p => $"/{p}/?"), container.Texts("resource.indexingPolicy.includedPaths", "path"));
        Assert.Equal(["/*"], container.Texts("resource.indexingPolicy.excludedPaths", "path"));
    }

    [Fact]
    public async Task Leases_are_indexed_as_the_extension_expects()
    {
        var leases = (await Run.WithAsync())["leases"];

        Assert.Equal(["/id"], leases.Texts("resource.partitionKey.paths"));
        Assert.Equal(["/*"], leases.Texts("resource.indexingPolicy.includedPaths", "path"));
    }

    [Fact]
    public async Task Events_are_listed_newest_first_by_index()
    {
        var events = (await Run.WithAsync())["events"];

        Assert.Equal(
            ["/entityId ascending, /status ascending, /occurredAt descending", "/recordedAt descending, /eventId ascending"],
            Enumerable.Range(0, 2).Select(i => string.Join(", ", events.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "path")
                .Zip(events.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "order"), (p, o) => $"{p} {o}"))));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_container_of_documents_is_as_the_service_asks_for_it(string name)
    {
        var asked = DocumentContainer.All.Single(container => container.Name == name);
        var container = (await Run.WithAsync())[name];

        Assert.Equal(["/" + asked.PartitionKey], container.Texts("resource.partitionKey.paths"));
        Assert.Equal(asked.Indexed.Select(field => $"/{field}/?"), container.Texts("resource.indexingPolicy.includedPaths", "path"));
        Assert.Equal(asked.Sorted.Length, container.Texts("resource.indexingPolicy.compositeIndexes").Count());

        // Down to the last tie, or Cosmos DB refuses to sort.
        Assert.Equal(
            asked.Sorted.Select(field => $"/{field} ascending, /id ascending, /{asked.PartitionKey} ascending"),
            asked.Sorted.Select((_, i) => string.Join(", ", container.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "path")
                .Zip(container.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "order"), (p, o) => $"{p} {o}"))));
    }

    [Fact]
    public void There_is_a_container_for_all_that_the_service_keeps() => Assert.Equal(
        ["events", .. DocumentContainer.All.Select(container => container.Name), "leases"],
        EventContainer.All.Select(container => container.Name));

    [Fact]
    public async Task The_database_is_serverless_unless_it_is_to_scale_by_itself()
    {
        var serverless = await Run.WithAsync();
        var autoscale = await Run.WithAsync(("cosmosAutoscale", "4000"), ("backupDays", "30"));

        Assert.Equal(["EnableServerless"], serverless["store-account"].Texts("capabilities", "name"));
        Assert.Null(serverless["store-database"].At("options.autoscaleSettings"));
        Assert.Equal("Continuous7Days", serverless["store-account"].Text("backupPolicy.continuousModeProperties.tier"));
        Assert.Empty(autoscale["store-account"].Texts("capabilities", "name"));
        Assert.Equal("4000", autoscale["store-database"].Text("options.autoscaleSettings.maxThroughput"));
        Assert.Equal("Continuous30Days", autoscale["store-account"].Text("backupPolicy.continuousModeProperties.tier"));
    }
}
