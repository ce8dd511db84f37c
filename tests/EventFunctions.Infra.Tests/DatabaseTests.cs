namespace EventFunctions.Infra.Tests;

public sealed class DatabaseTests
{
    [Theory]
    [InlineData("events", "/eventId", "kind eventId status source type subject entityId occurredAt reason recordedAt relayAt")]
    [InlineData("entities", "/entityId", "kind source type lastSeen time")]
    [InlineData("producers", "/name", "kind")]
    [InlineData("state", "/kind", "kind dueAt")]
    [InlineData("webhooks", "/name", "status dueAt eventId")]
    [InlineData("deliveries", "/webhook", "status dueAt eventId createdAt")]
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
            ["/status ascending, /recordedAt descending", "/source ascending, /recordedAt descending", "/recordedAt descending, /eventId ascending"],
            Enumerable.Range(0, 3).Select(i => string.Join(", ", events.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "path")
                .Zip(events.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "order"), (p, o) => $"{p} {o}"))));
    }

    [Theory]
    [InlineData("entities", "lastSeen id entityId", "time id entityId")]
    [InlineData("producers", "kind id name")]
    [InlineData("state", "dueAt id kind")]
    [InlineData("webhooks", "status id name", "dueAt id name")]
    [InlineData("deliveries", "dueAt id webhook", "createdAt id webhook")]
    public async Task What_documents_are_sorted_by_has_an_index_down_to_the_last_tie(string name, params string[] sorted)
    {
        var container = (await Run.WithAsync())[name];

        Assert.Equal(sorted.Length, container.Texts("resource.indexingPolicy.compositeIndexes").Count());
        Assert.Equal(
            sorted.Select(paths => string.Join(", ", paths.Split(' ').Select(path => $"/{path} ascending"))),
            sorted.Select((_, i) => string.Join(", ", container.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "path")
                .Zip(container.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "order"), (p, o) => $"{p} {o}"))));
    }

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
