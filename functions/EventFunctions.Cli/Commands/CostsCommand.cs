using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Cli.Costs;
using EventFunctions.Cli.Terminal;
using EventFunctions.Storage;

namespace EventFunctions.Cli.Commands;

/// <summary><c>costs</c>: what a month in Azure costs.</summary>
internal static class CostsCommand
{
    private const long MostEvents = 1_000_000_000_000;

    private static readonly string[] Patterns = ["even", "poisson", "bursts"];

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var events = NumberOption.Create("--events", "Events in a month of 30 days", 0, 0, MostEvents);
        var pattern = new Option<string>("--pattern")
        {
            Description = "How events arrive: even, poisson or bursts (default even, the most expensive).",
            HelpName = string.Join('|', Patterns),
            DefaultValueFactory = _ => Patterns[0],
            CompletionSources = { Patterns },
        };
        pattern.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Patterns.Contains(token.Value, StringComparer.Ordinal))
            {
                result.AddError($"--pattern must be even, poisson or bursts, but is '{token.Value}'.");
            }
        });
        var burst = NumberOption.Create("--burst-size", "Requests in a burst, all within a second", 100, 1, 1_000_000);
        var batch = NumberOption.Create("--batch-size", "Events in a request", 1, 1, 500);
        var load = new WorkloadOptions();
        var cold = NumberOption.Create("--cold-ms", "How much longer the first execution of an instance takes", 700, 0, 30_000);
        var traces = NumberOption.Create("--traces", "The percentage of traces that are sent", 10, 0, 100);
        var kept = NumberOption.Create("--kept-months", "How many months of events the store holds", 1, 1, 120);
        var noGrants = new Option<bool>("--no-free-grants") { Description = "The subscription's free grants are used up by others." };
        var prices = new Option<string[]>("--price")
        {
            Description = $"Another unit price in US dollars; may be repeated. Names: {string.Join(", ", UnitPrices.List.Names)}.",
            HelpName = "NAME=DOLLARS",
        };
        prices.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => Parse(token.Value) is null))
            {
                result.AddError($"--price '{token.Value}' must be NAME=DOLLARS. Use one of {string.Join(", ", UnitPrices.List.Names)}.");
            }
        });
        var command = new Command("costs", "Calculates what a month in Azure costs, by the billing rules and list prices of its services. Asks no service.") { events, pattern, burst, batch };
        load.AddTo(command);
        foreach (var option in (Option[])[cold, traces, kept, noGrants, prices])
        {
            command.Options.Add(option);
        }

        session.Run(command, (call, _) =>
        {
            var workload = load.Of(call, call.Get(events)) with
            {
                Pattern = Enum.Parse<ArrivalPattern>(call.Get(pattern)!, ignoreCase: true),
                BurstSize = (int)call.Get(burst),
                BatchSize = (int)call.Get(batch),
                Cold = TimeSpan.FromMilliseconds(call.Get(cold)),
                TracePercentage = (int)call.Get(traces),
                KeptMonths = (int)call.Get(kept),
                HasFreeGrants = !call.Get(noGrants),
            };
            var used = (call.Get(prices) ?? []).Select(text => Parse(text)!.Value).Aggregate(UnitPrices.List, (all, price) => all.With(price.Name, price.Dollars));
            Show(call.Output, CostModel.Calculate(workload, used));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static (string Name, double Dollars)? Parse(string text) =>
        text.Split('=') is [var name, var number]
        && UnitPrices.List.Names.Contains(name, StringComparer.Ordinal)
        && double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var dollars)
            ? (name, dollars)
            : null;

    private static void Show(Output output, CostEstimate estimate)
    {
        if (output.IsJson)
        {
            output.Json(JsonSerializer.SerializeToElement(CostResult.Of(estimate), CostJson.Default.CostResult));
            return;
        }

        string[] headings = ["part", "what", "amount", "unit", "price", "dollars"];
        output.Table(headings, [.. estimate.Lines.Where(line => line.Amount != 0).Select(Row)]);
        output.Line();
        output.Line(string.Create(CultureInfo.InvariantCulture, $"Total: ${estimate.Total:F2} a month, for {estimate.Load.Events:N0} events at {estimate.Load.Memory} MB."));
        output.Line();
        output.Line("Not in the total:");
        output.Table(headings, [.. estimate.Apart.Select(Row)]);
        output.Line();
        output.Line("Prices:");
        output.Table(
            ["name", "dollars", "per", "as of", "source"],
            [.. estimate.Lines.Concat(estimate.Apart).Select(line => line.Price).Distinct().OrderBy(price => price.Name, StringComparer.Ordinal)
                .Select(price => (IReadOnlyList<Cell>)[price.Name, Text(price.Dollars), price.Unit, price.AsOf, price.Source.AbsoluteUri])]);
        output.Line();
        output.Line("Charges of the store:");
        output.Table(
            ["request", "RU", "basis", "source"],
            [.. StoreCharges.All.Select(charge =>
                (IReadOnlyList<Cell>)[charge.Name, Text(charge.RequestUnits), charge.IsDocumented ? "documented" : "estimate", charge.Source.AbsoluteUri])]);
        output.WriteNote("Prices are list prices of United States regions; change one with --price. Charges and sizes that no source states are estimates (docs/deploy.md).");
    }

    private static IReadOnlyList<Cell> Row(CostLine line) =>
    [
        line.Part,
        line.What,
        (line.Amount / line.Price.Per).ToString(Math.Abs(line.Amount / line.Price.Per) < 1000 ? "0.###" : "N0", CultureInfo.InvariantCulture),
        line.Price.Unit,
        Text(line.Price.Dollars),
        line.Dollars.ToString("F2", CultureInfo.InvariantCulture),
    ];

    private static string Text(double dollars) => dollars.ToString("0.########", CultureInfo.InvariantCulture);
}
