using System.Globalization;
using System.Net;
using EventFunctions.Benchmarks.Scenarios;
using Spectre.Console;

namespace EventFunctions.Benchmarks;

/// <summary>Measures the figures of the guide, and prints them as a table in Markdown.</summary>
/// <param name="rounds">How many runs of each pair; the median counts.</param>
/// <param name="seconds">How long each run takes.</param>
/// <param name="connections">Keep-alive connections.</param>
/// <param name="build">The folder of the host as it is published, for the start; null for the one beside this tool.</param>
/// <param name="smallest">The built smallest program that keeps the same promises; null leaves its rows out.</param>
internal sealed class Report(int rounds, TimeSpan seconds, int connections, string? build, string? smallest)
{
    private const int Webhooks = 1_000;

    /// <summary>Measures and prints row by row.</summary>
    public async Task RunAsync()
    {
        Row("figure", "reached", "spread", "required", "aim");
        Row("---", "---", "---", "---", "---");
        var events = new SampleEvents();
        await RatioAsync(new("single events, no subscriber ÷ bare requests", 0.22, 0.28, 1, Subscriptions.None, HttpStatusCode.Accepted, events.Single));
        await RatioAsync(new("batches of 100, events ÷ bare requests", 0.60, 0.80, 100, Subscriptions.None, HttpStatusCode.Accepted, n => events.Batch(n, 100)));
        await WholeWayAsync();
        await PreparationAsync();
        await WebhooksAsync();
        await StartAsync(withSample: false);
        await StartAsync(withSample: true);
    }

    private static void Row(params string[] cells) => AnsiConsole.Console.Profile.Out.Writer.WriteLine($"| {string.Join(" | ", cells)} |");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Spread(IEnumerable<double> values, string format, string unit = "")
    {
        var sorted = values.Order().ToList();
        return $"{sorted[0].ToString(format, CultureInfo.InvariantCulture)} to {sorted[^1].ToString(format, CultureInfo.InvariantCulture)}{unit}";
    }

    private async Task RatioAsync(RatioScenario scenario)
    {
        var result = await scenario.RunAsync(rounds, seconds, connections);
        Row(
            scenario.Name,
            Text($"{result.Ratio:F3} ({result.EventRate:N0}/s)"),
            Text($"{result.LowestRatio:F3} to {result.HighestRatio:F3}"),
            Text($"{scenario.Required:F2}"),
            Text($"{scenario.Aim:F2}"));
        if (scenario.EventsPerRequest == 1)
        {
            Row("p99 of these", Text($"{result.LastRun.P99.TotalMilliseconds:F0} ms"), "", "25 ms", "");
        }
    }

    private async Task WholeWayAsync()
    {
        var results = new List<CompletionResult>();
        var smallestResults = new List<WholeWayResult>();
        for (var round = 0; round < rounds; round++)
        {
            if (smallest is not null)
            {
                await using var way = await WholeWay.StartSmallestAsync(connections, smallest);
                smallestResults.Add(await way.MeasureAsync(seconds));
            }

            results.Add(await new CompletionScenario(seconds, connections).RunAsync());
        }

        var rate = Statistics.Median(results.Select(result => result.SustainedRate));
        var cpu = Statistics.Median(results.Select(result => result.CpuPerEvent.TotalMicroseconds));
        Row("whole way, events/s", Text($"{rate:N0}"), Spread(results.Select(result => result.SustainedRate), "N0"), "", "");
        Row("processor time of the whole way", Text($"{cpu:N0} µs"), Spread(results.Select(result => result.CpuPerEvent.TotalMicroseconds), "N0", " µs"), "", "");
        if (smallestResults.Count > 0)
        {
            var rates = results.Zip(smallestResults, (own, least) => own.SustainedRate / least.PerSecond).ToList();
            var costs = results.Zip(smallestResults, (own, least) => own.CpuPerEvent / least.CpuPerEvent).ToList();
            Row("the smallest program, events/s", Text($"{Statistics.Median(smallestResults.Select(least => least.PerSecond)):N0}"), Spread(smallestResults.Select(least => least.PerSecond), "N0"), "", "");
            Row("whole way ÷ the smallest program's", Text($"{Statistics.Median(rates):F2}"), Spread(rates, "F2"), "0.25", "0.40");
            Row("processor time ÷ the smallest program's", Text($"{Statistics.Median(costs):F1}"), Spread(costs, "F1"), "5", "3");
        }

        var linked = await new CompletionScenario(seconds, connections, withEntities: true).RunAsync();
        Row("whole way with an entity and its changes, events/s", Text($"{linked.SustainedRate:N0}"), "", "", "");
        Row("processor time of these", Text($"{linked.CpuPerEvent.TotalMicroseconds:N0} µs"), "", "", "");
        Row(
            "p99 from POST to completed at half load",
            Text($"{Statistics.Median(results.Select(result => result.P99AtHalf.TotalMilliseconds)):F0} ms"),
            Spread(results.Select(result => result.P99AtHalf.TotalMilliseconds), "F0", " ms"),
            "25 ms",
            "15 ms");
    }

    private async Task PreparationAsync()
    {
        var ratios = (await new PreparationScenario(rounds, seconds, connections).RunAsync()).Pairs.Select(pair => pair.Ratio).ToList();
        Row("intake with schema, two rules, entity ÷ intake with none", Text($"{Statistics.Median(ratios):F2}"), Spread(ratios, "F2"), "0.90", "0.95");
    }

    private static async Task WebhooksAsync()
    {
        var result = await new WebhookScenario(Webhooks, events: 200, eventsPerSecond: 20, oneHangs: false).RunAsync();
        Row("webhook deliveries, durable, signed, 1,000 webhooks", Text($"{result.PerSecond:N0}/s"), "", "8,000/s", "12,000/s");
    }

    private async Task StartAsync(bool withSample)
    {
        var results = await new StartupScenario(rounds, build, withSample).RunAsync();
        var suffix = withSample ? " with the sample producers" : "";
        Row(
            "host start to first 202" + suffix,
            Text($"{Statistics.Median(results.Select(result => result.FirstResponse.TotalMilliseconds)):F0} ms"),
            Spread(results.Select(result => result.FirstResponse.TotalMilliseconds), "F0", " ms"),
            "400 ms",
            "350 ms");
        Row(
            "idle host" + suffix,
            Text($"{Statistics.Median(results.Select(result => result.Memory / 1e6)):F0} MB, {Statistics.Median(results.Select(result => result.Idle * 100)):F1} %"),
            Spread(results.Select(result => result.Memory / 1e6), "F0", " MB"),
            "100 MB",
            "80 MB");
    }
}
