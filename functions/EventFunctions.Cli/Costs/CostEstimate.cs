namespace EventFunctions.Cli.Costs;

/// <summary>What a month costs.</summary>
/// <param name="Load">What it was calculated for.</param>
/// <param name="Groups">What each group of functions uses.</param>
/// <param name="Lines">What the service costs.</param>
/// <param name="Apart">What watching it costs, which is not in the total.</param>
internal sealed record CostEstimate(Workload Load, IReadOnlyList<GroupUsage> Groups, IReadOnlyList<CostLine> Lines, IReadOnlyList<CostLine> Apart)
{
    /// <summary>US dollars a month.</summary>
    public double Total => Math.Round(Lines.Sum(line => line.Dollars), 2);

    /// <summary>US dollars a month for a part.</summary>
    public double TotalOf(string part) => Math.Round(Lines.Where(line => line.Part == part).Sum(line => line.Dollars), 2);
}
