namespace EventFunctions.Cli.Costs;

/// <summary>What the Functions host asks of its storage account. The numbers are estimates, until a real account shows them (metric Transactions).</summary>
internal static class HostUsage
{
    private const double OperationsOfStart = 20;

    private const double WritesOfStart = 1;

    // The timer's lock and the status of its schedule.
    private const double OperationsOfTick = 4;

    private const double WritesOfTick = 1;

    private const double SecondsPerLeaseRenewal = 15;

    // While an instance lives, as host.json says; otherwise as often as the platform looks.
    private const double SecondsPerPoll = 2;

    private const double SecondsPerLook = 10;

    // Put, get and delete of a message.
    private const double OperationsOfMessage = 3;

    /// <summary>Returns the operations on the queue.</summary>
    public static double QueueOperations(Workload load, IEnumerable<GroupUsage> groups) =>
        (load.QueuedDeliveries * OperationsOfMessage)
        + (Workload.SecondsPerMonth / SecondsPerLook)
        + (groups.Single(g => g.Group == FunctionGroups.Deliver).AliveSeconds / SecondsPerPoll);

    /// <summary>Returns the writes of blobs.</summary>
    public static double BlobWrites(IReadOnlyList<GroupUsage> groups) =>
        (groups.Sum(g => g.ColdStarts) * WritesOfStart) + (Ticks(groups) * WritesOfTick);

    /// <summary>Returns the other operations on blobs.</summary>
    public static double BlobOperations(IReadOnlyList<GroupUsage> groups) =>
        (groups.Sum(g => g.ColdStarts) * OperationsOfStart)
        + (groups.Sum(g => g.AliveSeconds) / SecondsPerLeaseRenewal)
        + (Ticks(groups) * OperationsOfTick);

    private static double Ticks(IEnumerable<GroupUsage> groups) => groups.Single(g => g.Group == FunctionGroups.Tick).Executions;
}
