using System.Globalization;
using System.Net;
using EventFunctions.Benchmarks.Scenarios;
using Spectre.Console;

namespace EventFunctions.Benchmarks;

/// <summary>Runs scenarios and prints what they came to.</summary>
internal static class Measurements
{
    public static async Task RatiosAsync(int rounds, TimeSpan seconds, int connections, string? only)
    {
        var events = new SampleEvents();
        var publication = (long n) => events.Publication(n, HostSettings.TopicPath, HostSettings.TopicKey);
        RatioScenario[] scenarios =
        [
            new("intake, single events, no subscriber", 0.15, 0.30, 1, Subscriptions.None, HttpStatusCode.Accepted, events.Single),
            new("intake, single events, enriched beside it", 0.06, 0.06, 1, Subscriptions.Enrichment, HttpStatusCode.Accepted, events.Single),
            new("intake, batches of 100, no subscriber", 0.25, 0.50, 100, Subscriptions.None, HttpStatusCode.Accepted, n => events.Batch(n, 100)),
            new("local Event Grid, no subscriber", 0.15, 0.30, 1, Subscriptions.None, HttpStatusCode.OK, publication),
            new("local Event Grid, one subscriber", 0.06, 0.16, 1, Subscriptions.Sink, HttpStatusCode.OK, publication),
        ];

        var table = new Table().AddColumns("scenario", "bare req/s", "events/s", "ratio (min / median / max)", "required", "aim", "p50", "p99");
        foreach (var scenario in scenarios.Where(s => only is null || s.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
        {
            var result = await scenario.RunAsync(rounds, seconds, connections);
            table.AddRow(
                scenario.Name,
                $"{result.BareRate:N0}",
                $"{result.EventRate:N0}",
                $"{result.LowestRatio:F3} / {result.Ratio:F3} / {result.HighestRatio:F3}",
                $"{scenario.Required:F2}",
                $"{scenario.Aim:F2}",
                $"{result.LastRun.P50.TotalMilliseconds:F1} ms",
                $"{result.LastRun.P99.TotalMilliseconds:F1} ms");
        }

        AnsiConsole.Write(table);
    }

    public static async Task CompletionAsync(TimeSpan duration, int connections, bool withEntities, string? smallest)
    {
        var table = new Table().AddColumns("", "accepted/s, flat out", "completed/s, sustained", "CPU per event", "POST to completed at half of that: p50", "p99");
        if (smallest is not null)
        {
            await using var way = await WholeWay.StartSmallestAsync(connections, smallest);
            var least = await way.MeasureAsync(duration);
            table.AddRow("smallest program", $"{least.Posted.PerSecond:N0}", $"{least.PerSecond:N0}", $"{least.CpuPerEvent.TotalMicroseconds:N0} µs");
        }

        var result = await new CompletionScenario(duration, connections, withEntities).RunAsync();
        table.AddRow(
            "host",
            $"{result.AcceptedRate:N0}",
            $"{result.SustainedRate:N0}",
            $"{result.CpuPerEvent.TotalMicroseconds:N0} µs",
            $"{result.P50AtHalf.TotalMilliseconds:F0} ms",
            $"{result.P99AtHalf.TotalMilliseconds:F0} ms");
        AnsiConsole.Write(table);
    }

    public static async Task PreparationAsync(int rounds, TimeSpan seconds, int connections)
    {
        var result = await new PreparationScenario(rounds, seconds, connections).RunAsync();
        var table = new Table().AddColumns("events/s with none", "with all", "ratio", "host CPU per event with none", "with all");
        foreach (var pair in result.Pairs.OrderBy(pair => pair.Ratio))
        {
            table.AddRow(
                $"{pair.Bare.PerSecond:N0}",
                $"{pair.Prepared.PerSecond:N0}",
                $"{pair.Ratio:F3}",
                $"{pair.Bare.CpuPerEvent.TotalMicroseconds:N0} µs",
                $"{pair.Prepared.CpuPerEvent.TotalMicroseconds:N0} µs");
        }

        AnsiConsole.Write(table);
    }

    public static async Task StartupAsync(int rounds, string? build)
    {
        var results = await new StartupScenario(rounds, build).RunAsync();
        AnsiConsole.Write(new Table()
            .AddColumns("start to first 202", "min", "median", "max")
            .AddRow(["time", .. Spread(result => result.FirstResponse.TotalMilliseconds, "F0", "ms")])
            .AddRow(["host CPU", .. Spread(result => result.Cpu.TotalMilliseconds, "F0", "ms")])
            .AddRow(["memory, idle", .. Spread(result => result.Memory / 1e6, "F0", "MB")])
            .AddRow(["processor, idle", .. Spread(result => result.Idle * 100, "F2", "%")]));

        IEnumerable<string> Spread(Func<StartupResult, double> value, string format, string unit)
        {
            var sorted = results.Select(value).Order().ToList();
            return new[] { sorted[0], sorted[sorted.Count / 2], sorted[^1] }.Select(one => $"{one.ToString(format, CultureInfo.InvariantCulture)} {unit}");
        }
    }

    public static async Task PeersAsync(string build, string? postgreSql, TimeSpan seconds, int connections)
    {
        var table = new Table().AddColumns("accepted by", "accepted/s", "handled/s", "processor time per event (without a database server's)", "p99 of the response");
        Add("a bare INSERT per request (SQLite)", await new PeerScenario(build, "insert", store: null).RunAsync(seconds, connections));
        Add("Wolverine's durable queue (SQLite)", await new PeerScenario(build, "wolverine-sqlite", store: null).RunAsync(seconds, connections));
        if (postgreSql is not null)
        {
            Add("Wolverine's durable queue (PostgreSQL)", await new PeerScenario(build, "wolverine-postgresql", postgreSql).RunAsync(seconds, connections));
            Add("CAP's outbox and inbox (PostgreSQL)", await new PeerScenario(build, "cap-postgresql", postgreSql).RunAsync(seconds, connections));
        }

        await using var way = await WholeWay.StartAsync(connections, withEntities: false);
        Add("EventFunctions (SQLite)", await way.MeasureAsync(seconds));
        AnsiConsole.Write(table);

        void Add(string name, WholeWayResult result) => table.AddRow(
            name,
            $"{result.Posted.PerSecond:N0}",
            $"{result.PerSecond:N0}",
            $"{result.CpuPerEvent.TotalMicroseconds:N0} µs",
            $"{result.Posted.P99.TotalMilliseconds:N0} ms");
    }

    public static async Task EntitiesAsync(int events, int entities)
    {
        var result = await new EntityScenario(events, entities).RunAsync();
        AnsiConsole.Write(new Table()
            .AddColumns("events", "entities", "linked events/s", "one entity", "first page of the list")
            .AddRow($"{events:N0}", $"{entities:N0}", $"{result.LinkedRate:N0}", $"{result.Read.TotalMilliseconds:F1} ms", $"{result.Listed.TotalMilliseconds:F1} ms"));
    }

    public static async Task WebhooksAsync(int webhooks, int events, double rate)
    {
        var table = new Table().AddColumns("customers", "deliveries/s", "p50", "p99", "most under way", "repeats", "host CPU per delivery", "host memory at most");
        foreach (var oneHangs in new[] { false, true })
        {
            var result = await new WebhookScenario(webhooks, events, rate, oneHangs).RunAsync();
            table.AddRow(
                oneHangs ? $"{webhooks}, of which one hangs" : $"{webhooks}",
                $"{result.PerSecond:N0}",
                $"{result.P50.TotalMilliseconds:N0} ms",
                $"{result.P99.TotalMilliseconds:N0} ms",
                $"{result.Backlog:N0}",
                $"{result.Repeats:N0}",
                $"{result.CpuPerDelivery.TotalMicroseconds:N0} µs",
                $"{result.PeakMemory / 1_000_000:N0} MB");
        }

        AnsiConsole.Write(table);
    }

    public static async Task DashboardAsync(int records, int minutes, int rate)
    {
        var result = await new DashboardScenario(records, minutes, rate).RunAsync();
        AnsiConsole.Write(new Table().AddColumns("records", "first paint: min / median / max", "events shown: min / median / max")
            .AddRow($"{records:N0}", Spread(result.FirstPaint), Spread(result.Shown)));
        var table = new Table().AddColumns("minute", "posted", "behind", "JavaScript heap", "nodes", "listeners", "host memory");
        foreach (var sample in result.Samples)
        {
            table.AddRow(
                $"{sample.Minute}",
                $"{sample.Posted:N0}",
                $"{sample.Behind.TotalMilliseconds:N0} ms",
                $"{sample.HeapBytes / 1_000_000.0:F1} MB",
                $"{sample.Nodes:N0}",
                $"{sample.Listeners:N0}",
                $"{sample.HostMemory / 1_000_000:N0} MB");
        }

        AnsiConsole.Write(table);

        static string Spread(IReadOnlyList<double> milliseconds)
        {
            var sorted = milliseconds.Order().ToList();
            return $"{sorted[0]:N0} / {sorted[sorted.Count / 2]:N0} / {sorted[^1]:N0} ms";
        }
    }

    public static async Task GrowthAsync(IReadOnlyList<int> sizes)
    {
        var results = await new GrowthScenario(sizes).RunAsync();
        var table = new Table().AddColumn("median time at so many records").AddColumns([.. results.Select(result => $"{result.Size:N0}")]);
        foreach (var name in results[0].Reads.Keys)
        {
            table.AddRow([name, .. results.Select(result => $"{result.Reads[name].TotalMilliseconds:F2} ms")]);
        }

        AnsiConsole.Write(table);
    }

    public static async Task FilledAsync(FilledIntakeScenario scenario)
    {
        var results = await scenario.RunAsync();
        var table = new Table().AddColumns("records before", "events/s", "to the first", "host CPU per event", "to the first");
        foreach (var result in results)
        {
            table.AddRow(
                $"{result.Size:N0}",
                $"{result.PerSecond:N0}",
                $"{result.PerSecond / results[0].PerSecond:F2}",
                $"{result.Microseconds:N0} µs",
                $"{result.Microseconds / results[0].Microseconds:F2}");
        }

        AnsiConsole.Write(table);
    }

    public static async Task CommitAsync(IReadOnlyList<int> sizes, int callers, TimeSpan duration, bool randomIds)
    {
        var results = await new CommitScenario(sizes, callers, duration, randomIds).RunAsync();
        var table = new Table().AddColumns(
            "records", "recorded/s", "to the first", "CPU per event", "of it the writer", "whole ways/s", "to the first", "CPU per event", "of it the writer");
        foreach (var result in results)
        {
            table.AddRow([$"{result.Size:N0}", .. Costs(result.Recording, results[0].Recording), .. Costs(result.WholeWay, results[0].WholeWay)]);
        }

        AnsiConsole.Write(table);

        static IEnumerable<string> Costs(CommitCost cost, CommitCost first) =>
            [$"{cost.PerSecond:N0}", $"{cost.PerSecond / first.PerSecond:F2}", $"{cost.Cpu.TotalMicroseconds:N1} µs", $"{cost.Writer.TotalMicroseconds:N1} µs"];
    }
}
