namespace EventFunctions.Cli.Costs;

/// <summary>Telemetry that goes to Application Insights. Sizes are estimates of the billed ones, until a real workspace shows them (table Usage).</summary>
internal static class TelemetryUsage
{
    // Two executions, each seen by host and worker, and in them the requests to the store, the topic and the producer.
    private const double SpansOfEvent = 16;

    private const double SpansOfDelivery = 3;

    private const double SpanBytes = 1_000;

    // An event writes none, and the host's lines about executions are not exported if the worker exports its own.
    private const double LinesOfStart = 3;

    private const double LineBytes = 700;

    private const double SeriesOfInstance = 20;

    private const double SeriesBytes = 400;

    private const double SecondsPerExport = 60;

    /// <summary>Returns the bytes of traces.</summary>
    public static double TraceBytes(Workload load) =>
        ((load.Events * SpansOfEvent) + (load.AllDeliveries * SpansOfDelivery)) * SpanBytes * load.TracePercentage / 100;

    /// <summary>Returns the bytes of log lines.</summary>
    public static double LogBytes(IEnumerable<GroupUsage> groups) => groups.Sum(g => g.ColdStarts) * LinesOfStart * LineBytes;

    /// <summary>Returns the bytes of metrics: what each instance sends while it lives.</summary>
    public static double MetricBytes(IEnumerable<GroupUsage> groups) =>
        groups.Sum(g => Math.Max(g.AliveSeconds / SecondsPerExport, g.ColdStarts)) * SeriesOfInstance * SeriesBytes;
}
