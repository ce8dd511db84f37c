namespace EventFunctions.Cli.Costs;

/// <summary>The price of one meter.</summary>
/// <param name="Name">The name for <c>--price</c>.</param>
/// <param name="Dollars">US dollars for a quantity of <paramref name="Per"/>.</param>
/// <param name="Per">The quantity.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Free">What is free in a month.</param>
/// <param name="Source">Where the price is published.</param>
/// <param name="AsOf">When it was looked up, as an ISO date; or "remembered", "given".</param>
internal sealed record UnitPrice(string Name, double Dollars, double Per, string Unit, double Free, Uri Source, string AsOf)
{
    /// <summary>Returns what an amount costs without the free grant.</summary>
    public double Of(double amount) => amount / Per * Dollars;
}
