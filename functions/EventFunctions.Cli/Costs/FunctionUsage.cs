namespace EventFunctions.Cli.Costs;

/// <summary>Simulates the executions of a month, or of as much of it as shows what a month is like.</summary>
internal static class FunctionUsage
{
    /// <summary>Seconds between two ticks.</summary>
    public const double TickSeconds = 60;

    private const long MostRequests = 1_000_000;

    // What the service itself takes beside the waiting: store, topic, queue.
    private static readonly TimeSpan Enrichment = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan QueuedDelivery = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Returns what each group uses.</summary>
    public static IReadOnlyList<GroupUsage> Of(Workload load)
    {
        var requests = (load.Events + load.BatchSize - 1) / load.BatchSize;
        var simulated = Math.Min(requests, MostRequests);
        var scale = simulated == 0 ? 1 : (double)requests / simulated;
        var (http, enrich, deliver, tick) = (Meter(load), Meter(load), Meter(load), Meter(load));
        var (events, deliveries) = (0d, 0d);
        foreach (var at in ArrivalTimes.Of(load.Pattern, simulated, Workload.SecondsPerMonth / scale, load.BurstSize))
        {
            http.Run(at, load.Post);

            // The last request of a month may hold fewer events; on average all hold the same.
            for (events += load.Events / (double)requests; events >= 1; events--)
            {
                enrich.Run(at, EnrichmentTime(load));
                for (deliveries += load.Deliveries * load.QueuedPercentage / 100d; deliveries >= 1; deliveries--)
                {
                    deliver.Run(at, DeliveryTime(load));
                }
            }
        }

        for (var at = 0d; at < Workload.SecondsPerMonth; at += TickSeconds)
        {
            tick.Run(at, Tick);
        }

        return
        [
            http.Close(FunctionGroups.Http, scale),
            enrich.Close(FunctionGroups.Enrich, scale),
            deliver.Close(FunctionGroups.Deliver, scale),
            tick.Close(FunctionGroups.Tick, 1),
        ];
    }

    /// <summary>Returns how long the execution of an enrichment takes. Deliveries of one event are sent side by side.</summary>
    public static TimeSpan EnrichmentTime(Workload load) =>
        Enrichment
        + (load.OwnData ? TimeSpan.Zero : load.Fetch)
        + (load.Deliveries > 0 && load.QueuedPercentage < 100 ? load.Delivery : TimeSpan.Zero);

    /// <summary>Returns how long the execution of a delivery from the queue takes.</summary>
    public static TimeSpan DeliveryTime(Workload load) => QueuedDelivery + load.Delivery;

    private static GroupMeter Meter(Workload load) => new(load.Concurrency, load.Cold);
}
