using System.Globalization;
using System.Text.RegularExpressions;
using EventFunctions.Cli.Capacity;
using EventFunctions.Cli.Costs;

namespace EventFunctions.Tests.Guides;

/// <summary>What <c>docs/deploy.md</c> says of costs, and the defaults of the stack that the calculations assume.</summary>
public sealed class CostGuideTests
{
    private static readonly string Guide = File.ReadAllText(Repository.File("docs/deploy.md")).Split("## Costs")[1].Split("\n## ")[0];

    private static readonly string Settings = File.ReadAllText(Repository.File("infra/Configuration/StackSettings.cs"));

    [Theory]
    [InlineData(nameof(ArrivalPattern.Even))]
    [InlineData(nameof(ArrivalPattern.Poisson))]
    [InlineData(nameof(ArrivalPattern.Bursts))]
    public void The_guides_table_is_what_the_model_calculates(string pattern)
    {
        var load = new Workload { Events = 1_000_000, Pattern = Enum.Parse<ArrivalPattern>(pattern) };
        Workload[] columns = [load, load with { Memory = 2048 }, load with { Deliveries = 1 }, load with { Deliveries = 1, QueuedPercentage = 100 }];

        var row = Regex.Match(Guide, $@"\(`{pattern.ToLowerInvariant()}`\) \|(.*)\|").Groups[1].Value.Split('|', StringSplitOptions.TrimEntries);

        Assert.Equal(columns.Select(column => CostModel.Calculate(column, UnitPrices.List).Total.ToString("F2", CultureInfo.InvariantCulture)), row);
    }

    [Fact]
    public void The_guide_says_what_watching_costs()
    {
        var apart = CostModel.Calculate(new Workload { Events = 0 }, UnitPrices.List).Apart;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{CostModel.LogAlertsEvery5Minutes} log alerts every 5 minutes, {CostModel.LogAlertsEvery15Minutes} every 15 minutes and {CostModel.MetricAlerts} metric alerts, "
            + $"together ${apart.Where(line => line.Part == "alerts").Sum(line => line.Dollars):F2}; an availability test every 5 minutes costs ${apart.Single(line => line.Part == "tests").Dollars:F2}.");

        Assert.Contains(text, Guide.Replace("\n", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_says_what_choices_cost()
    {
        var load = new Workload { Events = 1_000_000 };
        double Cost(Workload one) => (double)CostModel.Calculate(one, UnitPrices.List).Total;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"raises ${Cost(load):F0} to ${Cost(load with { Fetch = TimeSpan.FromSeconds(10) }):F0}. All traces instead of 10 % add "
            + $"${Cost(load with { TracePercentage = 100 }) - Cost(load):F0}. Events that carry their own data cost ${Cost(load with { OwnData = true }):F2}");

        Assert.Contains(text, Guide.Replace("\n", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_calculations_assume_the_defaults_of_the_stack()
    {
        var load = new Workload { Events = 0 };
        var deployment = new Deployment();

        Assert.Contains($"\"instanceMemory\", {load.Memory}, ", Settings, StringComparison.Ordinal);
        Assert.Contains($"\"perInstanceConcurrency\", {load.Concurrency}, ", Settings, StringComparison.Ordinal);
        Assert.Contains($"\"tracePercentage\", {load.TracePercentage}, ", Settings, StringComparison.Ordinal);
        Assert.Contains($"\"maximumInstances\", {deployment.MaximumInstances}, ", Settings, StringComparison.Ordinal);
        Assert.Contains(
            $"[\"Quotas__EventsPerMinute\"] = Output.Create(\"{deployment.Quota}\")", File.ReadAllText(Repository.File("infra/Components/FunctionSettings.cs")), StringComparison.Ordinal);
    }
}
