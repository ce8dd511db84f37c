namespace EventFunctions.Cli.Costs;

/// <summary>What goes to Application Insights. Sizes are estimates of what is billed, until a real workspace shows them (table Usage).</summary>
internal static class TelemetryUsage
{
    // Two requests; the store, the topic and the producer in them.
    private const double SpansOfEvent = 12;

    private const double SpansOfDelivery = 3;

    private const double SpanBytes = 1_000;

    // The Functions host writes one at the beginning and one at the end.
    private const double LinesOfExecution = 2;

    private const double LineBytes = 700;

    private const double SeriesOfInstance = 20;

    private const double SeriesBytes = 400;

    private const double SecondsPerExport = 60;

    /// <summary>Returns the bytes of traces.</summary>
    public static double TraceBytes(Workload load) =>
        ((load.Events * SpansOfEvent) + (load.AllDeliveries * SpansOfDelivery)) * SpanBytes * load.TracePercentage / 100;

    /// <summary>Returns the bytes of log lines.</summary>
    public static double LogBytes(Workload load, IEnumerable<GroupUsage> groups) =>
        (load.Events + (LinesOfExecution * groups.Sum(g => g.Executions))) * LineBytes;

    /// <summary>Returns the bytes of metrics: what each instance sends while it lives.</summary>
    public static double MetricBytes(IEnumerable<GroupUsage> groups) =>
        groups.Sum(g => Math.Max(g.AliveSeconds / SecondsPerExport, g.ColdStarts)) * SeriesOfInstance * SeriesBytes;
}
