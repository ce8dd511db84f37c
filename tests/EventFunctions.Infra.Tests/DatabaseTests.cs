using System.Collections.Immutable;
using EventFunctions.Infra.Components;
using EventFunctions.Storage;
using Pulumi;

namespace EventFunctions.Infra.Tests;

public sealed class DatabaseTests
{
    public static TheoryData<string> Documents => [.. DocumentContainer.All.Select(container => container.Name)];

    [Theory]
    [InlineData("events", "/eventId", "kind eventId status source type subject entityId reason recordedAt relayAt")]
    [InlineData("entities", "/entityId", "kind source producer time recordedAt")]
    [InlineData("producers", "/name", "kind")]
    [InlineData("state", "/kind", "kind dueAt refusedAt")]
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
    public async Task Events_are_listed_newest_first_by_index()
    {
        var events = (await Run.WithAsync())["events"];

        Assert.Equal(
            ["/recordedAt descending, /eventId ascending"],
            Enumerable.Range(0, 1).Select(i => string.Join(", ", events.Texts($"resource.indexingPolicy.compositeIndexes.{i}", "path")
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
        ["events", .. DocumentContainer.All.Select(container => container.Name)],
        EventContainer.All.Select(container => container.Name));

    [Fact]
    public async Task The_store_is_serverless_unless_its_containers_have_throughput_of_their_own()
    {
        var serverless = await Run.WithAsync();
        var autoscale = await Run.WithAsync(("cosmosAutoscale", """{"events":10000}"""), ("backupDays", "30"));

        Assert.Equal(["EnableServerless"], serverless["store-account"].Texts("capabilities", "name"));
        Assert.All(EventContainer.All, container => Assert.Null(serverless[container.Name].At("options.autoscaleSettings")));
        Assert.Equal("Continuous7Days", serverless["store-account"].Text("backupPolicy.continuousModeProperties.tier"));
        Assert.Empty(autoscale["store-account"].Texts("capabilities", "name"));
        Assert.Null(autoscale["store-database"].At("options.autoscaleSettings"));
        Assert.All(EventContainer.All, container => Assert.Equal(
            container.Name == "events" ? "10000" : "1000", autoscale[container.Name].Text("options.autoscaleSettings.maxThroughput")));
        Assert.Equal("Continuous30Days", autoscale["store-account"].Text("backupPolicy.continuousModeProperties.tier"));
    }

    [Fact]
    public async Task Every_update_of_the_account_is_checked_for_a_change_of_its_mode_but_of_a_converted_one()
    {
        const string throughput = """{"events":10000}""";
        var options = (await Run.WithAsync()).Options("store-account");
        var provisioned = (await Run.WithAsync(("cosmosAutoscale", throughput))).Options("store-account");
        var converted = (await Run.WithAsync(("cosmosAutoscale", throughput), ("cosmosConverted", "true"))).Options("store-account");

        Assert.All([options, provisioned], o =>
        {
            Assert.Empty(o.IgnoreChanges);
            Assert.True(Assert.Single(o.Hooks.BeforeUpdate).Options.OnDryRun);
        });
        Assert.Equal(["capabilities"], converted.IgnoreChanges);
        Assert.Empty(converted.Hooks.BeforeUpdate);
    }

    [Fact]
    public async Task A_change_of_the_mode_is_refused_with_what_to_do()
    {
        var hook = Assert.Single((await Run.WithAsync()).Options("store-account").Hooks.BeforeUpdate);

        var toProvisioned = await Assert.ThrowsAsync<InvalidOperationException>(() => UpdateAsync(hook, Account("EnableServerless"), Account()));
        var toServerless = await Assert.ThrowsAsync<InvalidOperationException>(() => UpdateAsync(hook, Account(), Account("EnableServerless")));

        Assert.StartsWith("The store is serverless, and this program cannot change that. Remove cosmosAutoscale, or convert", toProvisioned.Message, StringComparison.Ordinal);
        Assert.StartsWith("The store has provisioned throughput and cannot become serverless.", toServerless.Message, StringComparison.Ordinal);
        await UpdateAsync(hook, Account("EnableServerless"), Account("EnableServerless", "EnableNoSQLVectorSearch"));
        await UpdateAsync(hook, Account(), ImmutableDictionary<string, object?>.Empty);
    }

    private static Task UpdateAsync(ResourceHook hook, ImmutableDictionary<string, object?> before, ImmutableDictionary<string, object?> after) => hook.Callback(
        new ResourceHookArgs("urn", "id", "store-account", "azure-native:cosmosdb:DatabaseAccount", newInputs: after, oldInputs: before),
        TestContext.Current.CancellationToken);

    private static ImmutableDictionary<string, object?> Account(params string[] capabilities) => ImmutableDictionary<string, object?>.Empty.Add(
        "capabilities", capabilities.Select(object? (name) => ImmutableDictionary<string, object?>.Empty.Add("name", name)).ToImmutableArray());
}
