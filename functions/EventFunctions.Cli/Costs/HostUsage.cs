namespace EventFunctions.Cli.Costs;

/// <summary>What the Functions host asks of its storage account. Counted under the real host with an emulated account, except how often the platform looks into the queue.</summary>
internal static class HostUsage
{
    private const double OperationsOfStart = 20;

    // The host creates its container again, which is billed as a write.
    private const double WritesOfStart = 3;

    private const double OperationsOfTick = 4;

    // The status of its schedule, and the container once more.
    private const double WritesOfTick = 2;

    private const double SecondsPerLeaseRenewal = 12;

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
