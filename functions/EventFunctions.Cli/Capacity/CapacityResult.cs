using System.Text.Json.Serialization;

namespace EventFunctions.Cli.Capacity;

/// <summary>The limits at a rate, for programs.</summary>
/// <param name="Rate">Events a second.</param>
/// <param name="Configuration">What the limits depend on.</param>
/// <param name="Limits">The limits, the one that is met first at the beginning.</param>
/// <param name="First">The name of the limit that is met first.</param>
/// <param name="IsExceeded">Whether the rate is more than a limit allows.</param>
internal sealed record CapacityResult(double Rate, Deployment Configuration, IReadOnlyList<CapacityResultLimit> Limits, string First, bool IsExceeded)
{
    /// <summary>Returns the limits at a rate.</summary>
    public static CapacityResult Of(double rate, Deployment deployment, IEnumerable<ServiceLimit> limits)
    {
        ServiceLimit[] ordered = [.. limits.OrderBy(limit => limit.MetAt ?? double.MaxValue)];
        return new CapacityResult(
            rate,
            deployment,
            [.. ordered.Select(l => new CapacityResultLimit(l.Name, Math.Round(l.UseAt(rate), 2), l.Limit, l.Unit, l.MetAt is { } met ? Math.Floor(met) : null, l.IsExceededAt(rate), l.Source, l.Remedy))],
            ordered[0].Name,
            ordered.Any(limit => limit.IsExceededAt(rate)));
    }
}

/// <summary>One of them.</summary>
/// <param name="Name">What is limited.</param>
/// <param name="Use">How much the rate takes.</param>
/// <param name="Limit">How much there is.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="MetAt">The rate at which the limit is met; null if no rate does.</param>
/// <param name="IsExceeded">Whether the rate is more than the limit allows.</param>
/// <param name="Source">Where the limit is stated.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record CapacityResultLimit(
    string Name, double Use, double Limit, string Unit, double? MetAt, bool IsExceeded, string Source, string Remedy);

/// <summary>Writes it as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CapacityResult))]
internal sealed partial class CapacityJson : JsonSerializerContext;
