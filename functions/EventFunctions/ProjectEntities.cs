using System.Text.Json;
using EventFunctions.Entities;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Keeps what is known of entities, and of when producers were last heard of, as events come.</summary>
public sealed class ProjectEntities(RecordedChanges changes)
{
    /// <summary>Runs for what changed in the store, and again for the same changes until it does not throw.</summary>
    /// <param name="documents">The changed documents, records and others.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(ProjectEntities))]
    [FixedDelayRetry(-1, "00:00:10")]
    public Task RunAsync(
        [CosmosDBTrigger(
            "%ChangeFeedDatabase%",
            "%ChangeFeedContainer%",
            Connection = "ChangeFeed",
            LeaseContainerName = "leases",
            LeaseContainerPrefix = "entities-",
            FeedPollDelay = 1_000,
            MaxItemsPerInvocation = 500,
            StartFromBeginning = true)]
        IReadOnlyList<JsonElement> documents,
        CancellationToken cancellationToken) => changes.TakeAsync(documents, cancellationToken);
}
