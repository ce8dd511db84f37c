using System.Net;
using EventFunctions.Ports;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Looks at the container at start: a wrong one stops the host, and one that lacks an index is warned of. One that cannot be
/// reached does not stop it, since that passes; requests are refused and health says so until it does.
/// </summary>
internal sealed partial class ContainerCheck(Container container, ILogger<ContainerCheck> logger) : IHostedService
{
    private const string PartitionKeyPath = "/eventId";

    // Metadata takes more round trips than a point.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    private string Name => $"container \"{container.Id}\" of database \"{container.Database.Id}\"";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var errors = await CosmosCalls.RunAsync(Budget, CheckAsync, cancellationToken);
            if (errors.Count > 0)
            {
                throw new OptionsValidationException("Cosmos", typeof(CosmosOptions), errors);
            }
        }
        catch (StoreUnavailableException e)
        {
            NotReached(Name, e.Message);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<List<string>> CheckAsync(CancellationToken cancellationToken)
    {
        ContainerProperties properties;
        try
        {
            properties = await container.ReadContainerAsync(cancellationToken: cancellationToken);
        }
        catch (CosmosException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return [$"Cosmos:EventsContainer: there is no {Name}; {Example}."];
        }
        catch (CosmosException e) when (e.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
        {
            return [$"Cosmos: the account does not let the service read the {Name}: check Cosmos:Key or Cosmos:ConnectionString or, without them, "
                + "give its identity the data-plane role \"Cosmos DB Built-in Data Contributor\"; the account's firewall must admit it too; "
                + "example: az cosmosdb sql role assignment create --account-name ACCOUNT --resource-group GROUP --scope / "
                + "--role-definition-id 00000000-0000-0000-0000-000000000002 --principal-id PRINCIPAL."];
        }

        List<string> errors = [];
        if (properties.PartitionKeyPaths is not [PartitionKeyPath])
        {
            errors.Add($"Cosmos:EventsContainer: the {Name} has the partition key {string.Join(", ", properties.PartitionKeyPaths)} instead of {PartitionKeyPath}, "
                + $"which cannot be changed: name another container; {Example}.");
        }

        if (properties.DefaultTimeToLive is not -1)
        {
            var found = properties.DefaultTimeToLive is { } seconds ? $"a default time to live of {seconds} s" : "its time to live off";
            errors.Add($"Cosmos:EventsContainer: the {Name} has {found}; it must be on with no default, so that what is not finished never expires; "
                + "example: az cosmosdb sql container update --account-name ACCOUNT --resource-group GROUP "
                + $"--database-name {container.Database.Id} --name {container.Id} --ttl -1.");
        }

        if (errors.Count == 0 && Indexing.MissingFrom(properties.IndexingPolicy) is { Count: > 0 } missing)
        {
            NotIndexed(Name, string.Join(", ", missing), container.Database.Id, container.Id);
        }

        return errors;
    }

    private string Example =>
        $"example: az cosmosdb sql container create --account-name ACCOUNT --resource-group GROUP --database-name {container.Database.Id} "
        + $"--name {container.Id} --partition-key-path {PartitionKeyPath} --ttl -1";

    [LoggerMessage(
        LogLevel.Error,
        "The {Container} could not be checked, and until it answers events are refused: {Reason} Check Cosmos:Endpoint, and that the account's "
        + "firewall admits this service.")]
    private partial void NotReached(string container, string reason);

    [LoggerMessage(
        LogLevel.Warning,
        "The {Container} does not index {Missing}: lists and the relay cost more there, or fail. Add to its indexing policy what is missing; "
        + "example: az cosmosdb sql container update --account-name ACCOUNT --resource-group GROUP --database-name {Database} --name {Name} --idx @policy.json.")]
    private partial void NotIndexed(string container, string missing, string database, string name);
}
