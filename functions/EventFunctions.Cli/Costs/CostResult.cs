using System.Text.Json.Serialization;

namespace EventFunctions.Cli.Costs;

/// <summary>The estimate for programs.</summary>
/// <param name="Events">Events in the month.</param>
/// <param name="Memory">Memory of an instance in MB.</param>
/// <param name="Lines">What the service costs.</param>
/// <param name="Apart">What watching it costs, which is not in the total.</param>
/// <param name="Total">US dollars a month.</param>
internal sealed record CostResult(long Events, int Memory, IReadOnlyList<CostResultLine> Lines, IReadOnlyList<CostResultLine> Apart, double Total)
{
    /// <summary>Returns the result of an estimate.</summary>
    public static CostResult Of(CostEstimate estimate) =>
        new(estimate.Load.Events, estimate.Load.Memory, Of(estimate.Lines), Of(estimate.Apart), estimate.Total);

    private static IReadOnlyList<CostResultLine> Of(IEnumerable<CostLine> lines) =>
    [
        .. lines.Select(line => new CostResultLine(
            line.Part, line.What, line.Amount, Math.Round(line.Dollars, 4), line.Price.Name, line.Price.Dollars, line.Price.Per, line.Price.Source, line.Price.AsOf)),
    ];
}

/// <summary>A line of it.</summary>
internal sealed record CostResultLine(
    string Part, string What, double Amount, double Dollars, string Price, double UnitPrice, double Per, Uri Source, string AsOf);

/// <summary>Writes the results of calculations as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CostResult))]
internal sealed partial class CostJson : JsonSerializerContext;
