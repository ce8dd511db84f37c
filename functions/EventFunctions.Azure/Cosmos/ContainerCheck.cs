using System.Net;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Cosmos;

/// <summary>A container as the service needs it.</summary>
/// <param name="Container">The container.</param>
/// <param name="PartitionKeyPath">Its partition key.</param>
/// <param name="Setting">The setting that names it, or its database.</param>
/// <param name="Index">What it must index.</param>
internal sealed record NeededContainer(Container Container, string PartitionKeyPath, string Setting, NeededIndex Index);

/// <summary>
/// Checks the containers at start. A wrong container stops the host; a missing index is logged. A container that cannot be reached does not
/// stop the host, because that may pass; until then requests are refused and health reports it.
/// </summary>
internal sealed partial class ContainerCheck(IReadOnlyList<NeededContainer> containers, ILogger<ContainerCheck> logger) : IHostedService
{
    // Metadata takes more round trips than a point.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var errors = await Task.WhenAll(containers.Select(container => CheckInBudgetAsync(container, cancellationToken)));
        if (errors.SelectMany(found => found).ToList() is { Count: > 0 } all)
        {
            throw new OptionsValidationException("Cosmos", typeof(CosmosOptions), all);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<List<string>> CheckInBudgetAsync(NeededContainer needed, CancellationToken cancellationToken)
    {
        try
        {
            return await CosmosCalls.RunAsync(Budget, token => CheckAsync(needed, token), cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            NotReached(NameOf(needed.Container), e.Message);
            return [];
        }
    }

    private async Task<List<string>> CheckAsync(NeededContainer needed, CancellationToken cancellationToken)
    {
        var (container, path, setting, index) = needed;
        var name = NameOf(container);
        ContainerProperties properties;
        try
        {
            properties = await container.ReadContainerAsync(cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return [$"{setting}: The {name} does not exist; {Example(needed)}."];
        }
        catch (CosmosException e) when (e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return [$"Cosmos: The account denies the service access to the {name}: {CosmosCalls.AccessRemedy}; "
                + "example: az cosmosdb sql role assignment create --account-name ACCOUNT --resource-group GROUP --scope / "
                + "--role-definition-id 00000000-0000-0000-0000-000000000002 --principal-id PRINCIPAL."];
        }

        List<string> errors = [];
        if (properties.PartitionKeyPaths is not [var found] || found != path)
        {
            errors.Add($"{setting}: the {name} has the partition key {string.Join(", ", properties.PartitionKeyPaths)} instead of {path}, "
                + $"which cannot be changed. Use another container; {Example(needed)}.");
        }
        else if (properties.PartitionKeyDefinitionVersion is not PartitionKeyDefinitionVersion.V2)
        {
            errors.Add($"{setting}: the {name} has version 1 of partition keys, which uses only the first 101 bytes and cannot be changed. Use another container; {Example(needed)}.");
        }

        if (properties.DefaultTimeToLive is not -1)
        {
            var live = properties.DefaultTimeToLive is { } seconds ? $"a default time to live of {seconds} s" : "no time to live";
            errors.Add($"{setting}: the {name} has {live}. Turn it on without a default, so that unfinished records never expire; "
                + "example: az cosmosdb sql container update --account-name ACCOUNT --resource-group GROUP "
                + $"--database-name {container.Database.Id} --name {container.Id} --ttl -1.");
        }

        if (errors.Count == 0 && index.MissingFrom(properties.IndexingPolicy) is { Count: > 0 } missing)
        {
            NotIndexed(name, string.Join(", ", missing), container.Database.Id, container.Id);
        }

        return errors;
    }

    private static string NameOf(Container container) => $"container \"{container.Id}\" of database \"{container.Database.Id}\"";

    private static string Example(NeededContainer needed) =>
        $"example: az cosmosdb sql container create --account-name ACCOUNT --resource-group GROUP --database-name {needed.Container.Database.Id} "
        + $"--name {needed.Container.Id} --partition-key-path {needed.PartitionKeyPath} --partition-key-version 2 --ttl -1";

    [LoggerMessage(
        LogLevel.Error,
        "Could not check the {Container}. Events are refused until it responds: {Reason} Check Cosmos:Endpoint, and that the account's "
        + "firewall allows this service.")]
    private partial void NotReached(string container, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "The {Container} does not index {Missing}: lists and the relay cost more, or fail. Add the missing paths to its indexing policy; "
        + "example: az cosmosdb sql container update --account-name ACCOUNT --resource-group GROUP --database-name {Database} --name {Name} --idx @policy.json.")]
    private partial void NotIndexed(string container, string missing, string database, string name);
}
