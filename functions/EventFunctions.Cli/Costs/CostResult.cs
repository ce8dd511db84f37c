using System.Text.Json.Serialization;
using EventFunctions.Storage;

namespace EventFunctions.Cli.Costs;

/// <summary>The estimate for programs.</summary>
/// <param name="Events">Events in the month.</param>
/// <param name="Memory">Memory of an instance in MB.</param>
/// <param name="Lines">What the service costs.</param>
/// <param name="Apart">What watching it costs, which is not in the total.</param>
/// <param name="Charges">What requests to the store are charged.</param>
/// <param name="Total">US dollars a month.</param>
internal sealed record CostResult(
    long Events, int Memory, IReadOnlyList<CostResultLine> Lines, IReadOnlyList<CostResultLine> Apart, IReadOnlyList<StoreCharge> Charges, double Total)
{
    /// <summary>Returns the result of an estimate.</summary>
    public static CostResult Of(CostEstimate estimate) =>
        new(estimate.Load.Events, estimate.Load.Memory, Of(estimate.Lines), Of(estimate.Apart), StoreCharges.All, estimate.Total);

    private static IReadOnlyList<CostResultLine> Of(IEnumerable<CostLine> lines) =>
    [
        .. lines.Select(line => new CostResultLine(
            line.Part, line.What, line.Amount, Math.Round(line.Dollars, 4), line.Price.Name, line.Price.Dollars, line.Price.Per, line.Price.Unit, line.Price.Source, line.Price.AsOf)),
    ];
}

/// <summary>A line of it.</summary>
internal sealed record CostResultLine(
    string Part, string What, double Amount, double Dollars, string Price, double UnitPrice, double Per, string Unit, Uri Source, string AsOf);

/// <summary>Writes the results of calculations as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CostResult))]
internal sealed partial class CostJson : JsonSerializerContext;
