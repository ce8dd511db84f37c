namespace EventFunctions.Cli.Costs;

/// <summary>What a group of functions uses in a month.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Executions">Executions.</param>
/// <param name="BilledSeconds">Seconds that are billed, over all instances.</param>
/// <param name="AliveSeconds">Seconds that instances live.</param>
/// <param name="ColdStarts">Starts of instances.</param>
/// <param name="RegistryReads">Reads with which instances follow the registry.</param>
internal sealed record GroupUsage(string Group, double Executions, double BilledSeconds, double AliveSeconds, double ColdStarts, double RegistryReads);
