namespace EventFunctions.Cli.Costs;

/// <summary>A line of the estimate.</summary>
/// <param name="Part">What costs: functions, store, Event Grid, telemetry, storage.</param>
/// <param name="What">Of that part.</param>
/// <param name="Amount">How much of it in a month; negative for what is free.</param>
/// <param name="Price">The unit price.</param>
internal sealed record CostLine(string Part, string What, double Amount, UnitPrice Price)
{
    /// <summary>The cost.</summary>
    public double Dollars => Price.Of(Amount);
}
