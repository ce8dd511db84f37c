using System.Collections.Immutable;

namespace EventFunctions.Cli.Costs;

/// <summary>The unit prices: list prices of United States regions without discounts, which <c>--price</c> replaces.</summary>
internal sealed class UnitPrices
{
    private const string Remembered = "remembered";

    private static readonly Uri Functions = new("https://azure.microsoft.com/pricing/details/functions/");
    private static readonly Uri EventGrid = new("https://azure.microsoft.com/pricing/details/event-grid/");
    private static readonly Uri Cosmos = new("https://azure.microsoft.com/pricing/details/cosmos-db/serverless/");
    private static readonly Uri Monitor = new("https://azure.microsoft.com/pricing/details/monitor/");
    private static readonly Uri Blobs = new("https://azure.microsoft.com/pricing/details/storage/blobs/");
    private static readonly Uri Queues = new("https://azure.microsoft.com/pricing/details/storage/queues/");

    private readonly ImmutableSortedDictionary<string, UnitPrice> _prices;

    private UnitPrices(ImmutableSortedDictionary<string, UnitPrice> prices) => _prices = prices;

    /// <summary>The list prices.</summary>
    public static UnitPrices List { get; } = new(((UnitPrice[])
    [
        new("gb-second", 0.000026, 1, "GB-s", 100_000, Functions, "2026-08-20"),
        new("execution", 0.40, 1e6, "million executions", 250_000, Functions, "2026-08-20"),
        new("request-unit", 0.25, 1e6, "million RU", 0, Cosmos, Remembered),
        new("stored-gigabyte", 0.25, 1, "GB a month", 0, Cosmos, Remembered),
        new("event-grid-operation", 0.60, 1e6, "million operations", 100_000, EventGrid, "2026-08-20"),
        new("log-gigabyte", 2.30, 1, "GB", 5, Monitor, "2026-10-03"),
        new("queue-operation", 0.004, 1e4, "10,000 operations", 0, Queues, Remembered),
        new("blob-write", 0.05, 1e4, "10,000 operations", 0, Blobs, "2026-10-03"),
        new("blob-operation", 0.004, 1e4, "10,000 operations", 0, Blobs, "2026-10-03"),
        new("log-alert-5", 1.50, 1, "rule every 5 minutes", 0, Monitor, "2026-10-03"),
        new("log-alert-15", 0.50, 1, "rule every 15 minutes", 0, Monitor, Remembered),
        new("metric-alert", 0.10, 1, "time series", 10, Monitor, "2026-10-03"),
        new("availability-test", 0.0005, 1, "run", 0, Monitor, "2026-10-03"),
    ]).ToImmutableSortedDictionary(price => price.Name, price => price, StringComparer.Ordinal));

    /// <summary>All names.</summary>
    public IEnumerable<string> Names => _prices.Keys;

    /// <summary>The price of a name.</summary>
    public UnitPrice this[string name] => _prices[name];

    /// <summary>Returns the prices with one of them replaced.</summary>
    public UnitPrices With(string name, double dollars) => new(_prices.SetItem(name, _prices[name] with { Dollars = dollars, AsOf = "given" }));
}
