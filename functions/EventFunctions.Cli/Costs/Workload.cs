namespace EventFunctions.Cli.Costs;

/// <summary>What a month's costs are calculated for.</summary>
internal sealed record Workload
{
    /// <summary>A month of 30 days.</summary>
    public const double SecondsPerMonth = 30 * 24 * 3600;

    /// <summary>Events in the month.</summary>
    public required long Events { get; init; }

    public ArrivalPattern Pattern { get; init; } = ArrivalPattern.Even;

    /// <summary>Requests in a burst.</summary>
    public int BurstSize { get; init; } = 100;

    /// <summary>Events in a request.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Memory of an instance in MB.</summary>
    public int Memory { get; init; } = 512;

    /// <summary>Executions that run on one instance at once.</summary>
    public int Concurrency { get; init; } = 100;

    /// <summary>How long a request takes.</summary>
    public TimeSpan Post { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a producer takes to return the full data.</summary>
    public TimeSpan Fetch { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a webhook takes to respond.</summary>
    public TimeSpan Delivery { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How much longer the first execution of an instance takes.</summary>
    public TimeSpan Cold { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>Webhook deliveries for each event.</summary>
    public int Deliveries { get; init; }

    /// <summary>The percentage of deliveries that go through the queue instead of being sent at once.</summary>
    public int QueuedPercentage { get; init; }

    /// <summary>Event Grid subscriptions of consumers that take each enriched event.</summary>
    public int Consumers { get; init; }

    /// <summary>Whether events carry their full data, so no data item is stored and nothing is fetched.</summary>
    public bool OwnData { get; init; }

    /// <summary>Whether events are linked to entities.</summary>
    public bool Entities { get; init; }

    /// <summary>The percentage of traces that are sent.</summary>
    public int TracePercentage { get; init; } = 10;

    /// <summary>How many months of events the store holds.</summary>
    public int KeptMonths { get; init; } = 1;

    /// <summary>Whether the free grants of the subscription are left for this service.</summary>
    public bool HasFreeGrants { get; init; } = true;

    /// <summary>Deliveries in the month.</summary>
    public long AllDeliveries => Events * Deliveries;

    /// <summary>Deliveries that go through the queue.</summary>
    public long QueuedDeliveries => AllDeliveries * QueuedPercentage / 100;
}
