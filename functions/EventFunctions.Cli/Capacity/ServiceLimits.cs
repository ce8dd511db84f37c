using EventFunctions.Cli.Costs;

namespace EventFunctions.Cli.Capacity;

/// <summary>The limits that the service meets, by its work for each event.</summary>
internal static class ServiceLimits
{
    private const string EventGrid = "https://learn.microsoft.com/azure/event-grid/quotas-limits";
    private const string Serverless = "https://learn.microsoft.com/azure/cosmos-db/serverless-performance";
    private const string Cosmos = "https://learn.microsoft.com/azure/cosmos-db/concepts-limits";
    private const string Flex = "https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan";
    private const string Queues = "https://learn.microsoft.com/azure/storage/queues/scalability-targets";
    private const string Infra = "docs/deploy.md#configure";

    private const double ServerlessContainer = 5_000;

    private const double Partition = 10_000;

    private const double ThinKilobytes = 1;

    private const string MoreThroughput =
        "Set cosmosAutoscale for a new stack, or convert the account (docs/deploy.md#from-serverless-to-provisioned-throughput).";

    /// <summary>Returns all limits.</summary>
    /// <param name="load">What the service does with an event.</param>
    /// <param name="deployment">The configuration.</param>
    public static IReadOnlyList<ServiceLimit> Of(Workload load, Deployment deployment) =>
    [
        .. TopicLimits(load, deployment), .. StoreLimits(load, deployment), .. FunctionLimits(load, deployment),
    ];

    private static IEnumerable<ServiceLimit> TopicLimits(Workload load, Deployment deployment)
    {
        const string remedy = "A topic takes no more: spread producers over several stacks, each with a topic.";
        yield return new("events published to the topic", "events/s", 5_000, 2, 0, EventGrid, remedy);
        yield return new("bytes published to the topic", "KB/s", 5_000, (2 * ThinKilobytes) + deployment.DataKilobytes, 0, EventGrid, remedy);
        yield return new(
            "subscriptions of the topic", "subscriptions", 500, 0, 1 + load.Consumers, EventGrid, "Register webhooks instead of subscriptions: they need none.");
    }

    private static IEnumerable<ServiceLimit> StoreLimits(Workload load, Deployment deployment)
    {
        var perEvent = StoreUsage.Sum(StoreUsage.OfEvent(load.OwnData, entities: false));
        var perDelivery = (StoreUsage.Sum(StoreUsage.OfDelivery(queued: true, load.OwnData)) * load.QueuedPercentage / 100)
            + (StoreUsage.Sum(StoreUsage.OfDelivery(queued: false, load.OwnData)) * (100 - load.QueuedPercentage) / 100);
        yield return Container("events", deployment.EventsThroughput, perEvent);
        if (load.Entities)
        {
            yield return Container("entities", deployment.EntitiesThroughput, StoreUsage.Sum(StoreUsage.OfEvent(load.OwnData, entities: true)) - perEvent);
        }

        yield return Container("deliveries", deployment.DeliveriesThroughput, load.Deliveries * perDelivery);
        yield return new(
            "partition of one webhook's deliveries", "RU/s", Partition, load.Deliveries > 0 ? perDelivery : 0, 0, Cosmos,
            "A webhook's deliveries share a partition: let consumers with more subscribe to the topic (consumers).");
        yield return new(
            "messages of the delivery queue", "messages/s", 2_000, load.Deliveries * load.QueuedPercentage / 100d, 0, Queues,
            "Let consumers with more subscribe to the topic (consumers).");
    }

    private static ServiceLimit Container(string name, int? throughput, double use) => throughput is { } most
        ? new($"container {name}", "RU/s", most, use, 0, Infra, $"Raise cosmosAutoscale for {name}; a physical partition takes {Partition:N0} RU/s.")
        : new($"container {name}, one partition", "RU/s", ServerlessContainer, use, 0, Serverless, MoreThroughput);

    private static IEnumerable<ServiceLimit> FunctionLimits(Workload load, Deployment deployment)
    {
        const string instances = "Raise maximumInstances (at most 1000) or perInstanceConcurrency, or shorten what the executions wait for.";
        var http = load.Post.TotalSeconds / load.BatchSize / load.Concurrency;
        var enrich = FunctionUsage.EnrichmentTime(load).TotalSeconds / load.Concurrency;
        var deliver = FunctionUsage.DeliveryTime(load).TotalSeconds / load.Concurrency * load.Deliveries * load.QueuedPercentage / 100;
        yield return new("instances of http", "instances", deployment.MaximumInstances, http, 0, Infra, instances);
        yield return new($"instances of {FunctionGroups.Enrich}", "instances", deployment.MaximumInstances, enrich, 0, Infra, instances);
        yield return new($"instances of {FunctionGroups.Deliver}", "instances", deployment.MaximumInstances, deliver, 0, Infra, instances);
        yield return new(
            "memory of all instances in a region", "MB", 512_000, (http + enrich + deliver) * load.Memory, load.Memory, Flex,
            "Ask Azure support for a larger quota, or use smaller instances (instanceMemory).");
        yield return new(
            "quota of one producer on one instance", "events/min", deployment.Quota, 60, 0, Infra,
            "Raise Quotas__EventsPerMinute in appSettings. With several instances or producers more gets through.");
    }
}
