using EventFunctions.Storage;

namespace EventFunctions.Cli.Costs;

/// <summary>Calculates what a month costs.</summary>
internal static class CostModel
{
    public const string Functions = "functions";

    public const string EventGrid = "Event Grid";

    public const string Store = "store";

    public const string Telemetry = "telemetry";

    public const string Storage = "storage";

    /// <summary>What the stack has, as docs/deploy.md says.</summary>
    public const int LogAlertsEvery5Minutes = 6;

    /// <inheritdoc cref="LogAlertsEvery5Minutes"/>
    public const int LogAlertsEvery15Minutes = 5;

    /// <inheritdoc cref="LogAlertsEvery5Minutes"/>
    public const int MetricAlerts = 3;

    private const double MegabytesPerGigabyte = 1024;

    private const double BytesPerGigabyte = 1e9;

    // A record with its timeline and index, and its data item.
    private const double StoredBytesOfEvent = 3_000;

    private const double StoredBytesOfDelivery = 1_500;

    // A container that is not empty is billed as one gigabyte at least.
    private const double LeastStored = 1;

    /// <summary>Calculates it.</summary>
    public static CostEstimate Calculate(Workload load, UnitPrices prices)
    {
        var groups = FunctionUsage.Of(load);
        return new CostEstimate(
            load,
            groups,
            [
                .. FunctionLines(load, groups, prices),
                .. EventGridLines(load, prices),
                .. StoreLines(load, groups, prices),
                .. TelemetryLines(load, groups, prices),
                .. StorageLines(load, groups, prices),
            ],
            [
                new("alerts", "log alerts", LogAlertsEvery5Minutes, prices["log-alert-5"]),
                new("alerts", "log alerts", LogAlertsEvery15Minutes, prices["log-alert-15"]),
                .. WithoutFree([new("alerts", "metric alerts", MetricAlerts, prices["metric-alert"])], load),
                new("tests", "an availability test, every 5 minutes", Workload.SecondsPerMonth / 300, prices["availability-test"]),
            ]);
    }

    private static IEnumerable<CostLine> FunctionLines(Workload load, IReadOnlyList<GroupUsage> groups, UnitPrices prices)
    {
        var memory = load.Memory / MegabytesPerGigabyte;
        CostLine[] times = [.. groups.Select(g => new CostLine(Functions, $"{g.Group} time", g.BilledSeconds * memory, prices["gb-second"]))];
        CostLine[] executions = [.. groups.Select(g => new CostLine(Functions, $"{g.Group} executions", g.Executions, prices["execution"]))];
        return WithoutFree(times, load).Concat(WithoutFree(executions, load));
    }

    private static IEnumerable<CostLine> EventGridLines(Workload load, UnitPrices prices)
    {
        CostLine Line(string what, double amount) => new(EventGrid, what, amount, prices["event-grid-operation"]);
        return WithoutFree(
            [
                Line("published: event and enriched event", 2d * load.Events),
                // An advanced filter tells both apart, and its matches are billed.
                Line("matched by the enrichment's filter", 2d * load.Events),
                Line("delivered to the enrichment", load.Events),
                Line("delivered to consumers", (double)load.Events * load.Consumers),
            ],
            load);
    }

    private static IEnumerable<CostLine> StoreLines(Workload load, IReadOnlyList<GroupUsage> groups, UnitPrices prices)
    {
        CostLine Line(string what, double amount) => new(Store, what, amount, prices["request-unit"]);
        var queued = load.QueuedDeliveries;
        var sentAtOnce = load.AllDeliveries - queued;
        yield return Line("events", load.Events * StoreUsage.Sum(StoreUsage.OfEvent(load.OwnData, load.Entities)));
        yield return Line(
            "deliveries",
            (queued * StoreUsage.Sum(StoreUsage.OfDelivery(queued: true, load.OwnData)))
                + (sentAtOnce * StoreUsage.Sum(StoreUsage.OfDelivery(queued: false, load.OwnData))));
        yield return Line("ticks", Workload.SecondsPerMonth / FunctionUsage.TickSeconds * StoreUsage.Sum(StoreUsage.OfTick));
        yield return Line("registry", groups.Sum(g => g.RegistryReads) * StoreCharges.Read.RequestUnits);

        var gigabytes = LeastStored * (DocumentContainer.All.Length - 1)
            + Math.Max(LeastStored, load.Events * StoredBytesOfEvent * load.KeptMonths / BytesPerGigabyte)
            + Math.Max(LeastStored, load.AllDeliveries * StoredBytesOfDelivery * load.KeptMonths / BytesPerGigabyte);
        yield return new CostLine(Store, "stored, at least 1 GB a container", gigabytes, prices["stored-gigabyte"]);
    }

    private static IEnumerable<CostLine> TelemetryLines(Workload load, IReadOnlyList<GroupUsage> groups, UnitPrices prices)
    {
        CostLine Line(string what, double bytes) => new(Telemetry, what, bytes / BytesPerGigabyte, prices["log-gigabyte"]);
        return WithoutFree(
            [
                Line("traces", TelemetryUsage.TraceBytes(load)),
                Line("log lines", TelemetryUsage.LogBytes(groups)),
                Line("metrics", TelemetryUsage.MetricBytes(groups)),
            ],
            load);
    }

    private static IEnumerable<CostLine> StorageLines(Workload load, IReadOnlyList<GroupUsage> groups, UnitPrices prices)
    {
        yield return new CostLine(Storage, "queue", HostUsage.QueueOperations(load, groups), prices["queue-operation"]);
        yield return new CostLine(Storage, "blobs of the host, written", HostUsage.BlobWrites(groups), prices["blob-write"]);
        yield return new CostLine(Storage, "blobs of the host, other operations", HostUsage.BlobOperations(groups), prices["blob-operation"]);
    }

    private static IEnumerable<CostLine> WithoutFree(CostLine[] lines, Workload load)
    {
        var price = lines[0].Price;
        var free = Math.Min(price.Free, lines.Sum(line => line.Amount));
        return free > 0 && load.HasFreeGrants ? lines.Append(new CostLine(lines[0].Part, $"free {price.Unit}", -free, price)) : lines;
    }
}
