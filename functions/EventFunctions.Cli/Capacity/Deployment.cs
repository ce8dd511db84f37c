namespace EventFunctions.Cli.Capacity;

/// <summary>The configuration of the stack that limits depend on; the defaults are those of <c>infra</c>.</summary>
internal sealed record Deployment
{
    /// <summary>Instances of each group of functions.</summary>
    public int MaximumInstances { get; init; } = 100;

    /// <summary>Request units a second of the container of events; null for a serverless account.</summary>
    public int? EventsThroughput { get; init; }

    /// <summary>Request units a second of the container of deliveries; null for a serverless account.</summary>
    public int? DeliveriesThroughput { get; init; }

    /// <summary>Request units a second of the container of entities; null for a serverless account.</summary>
    public int? EntitiesThroughput { get; init; }

    /// <summary>Events a minute of one producer on one instance.</summary>
    public int Quota { get; init; } = 6_000;

    /// <summary>Kilobytes of the full data of an event.</summary>
    public int DataKilobytes { get; init; } = 2;
}
