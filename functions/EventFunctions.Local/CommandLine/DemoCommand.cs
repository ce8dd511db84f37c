using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Local.Demo;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.CommandLine;

/// <summary>Sends generated policy events with planned failures, and checks the results.</summary>
/// <param name="terminal">Where its words go.</param>
internal sealed class DemoCommand(Terminal terminal)
{
    private const int MaxDifferencesNamed = 20;
    private const string TopicsFile = "LocalEventGrid:TopicsFile";
    private const string EverySecond = "* * * * * *";

    /// <summary>Runs the command.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>0 when everything came as planned and the store holds exactly what was sent, else 1.</returns>
    public async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        var folder = options.DataDirectory ?? Directory.CreateTempSubdirectory("eventfunctions-demo-").FullName;
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new HostStartException($"The demo counts everything in its data folder, so {folder} must be empty.");
        }

        var differences = await RunAsync(options, folder, cancellationToken);
        if (options.DataDirectory is null && differences.Count == 0)
        {
            Directory.Delete(folder, recursive: true);
        }

        return differences.Count == 0 ? 0 : 1;
    }

    private async Task<IReadOnlyList<string>> RunAsync(DemoOptions options, string folder, CancellationToken cancellationToken)
    {
        await using var consumer = await DemoConsumer.StartAsync(LocalSettings.TopicName, ToldOf, cancellationToken);
        await using var host = await LocalHost.StartAsync(
            new LocalHostOptions
            {
                Urls = options.Urls ?? "http://127.0.0.1:0",
                DataDirectory = folder,
                Settings = Settings(options.Settings, consumer),
            },
            cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.Stopping);
        using var api = new EventsApi(host.Address, host.Configuration[FunctionKeys.HostSetting]);
        var plan = DemoPlan.Create(options.Events, options.Seed);
        terminal.Line($"{options.Events} policies' events through {host.Address}, data in {host.DataPath}");
        var run = new DemoRun(api, plan);
        await terminal.ProgressAsync(["sent", "through"], options.Events, progress => run.RunAsync(progress, stop.Token));
        var check = new DemoCheck(api, plan);
        await check.RunAsync(stop.Token);
        terminal.Line("Then a feed, signed messages, a rule, a changing policy, lost data, and a silent producer ...");
        var story = await ReportAsync(host, api, consumer, options, stop.Token);
        Report(plan, run, check, story);
        string[] differences = [.. run.Surprises, .. check.Differences, .. story.Select(row => row.Difference).OfType<string>()];
        Name(differences, host.DataPath);
        return differences;
    }

    private static async Task<IReadOnlyList<DemoRow>> ReportAsync(
        LocalHost host, EventsApi api, DemoConsumer consumer, DemoOptions options, CancellationToken cancellationToken)
    {
        using var administration = new AdministrationApi(
            host.Address, host.Configuration[FunctionKeys.HostSetting], host.Configuration[LocalSettings.AdministrationKey]);
        var stage = new DemoStage
        {
            Api = api,
            Administration = administration,
            Consumer = consumer,
            MessageSecret = host.Configuration[SampleProducers.MessageSecret] ?? "",
            Seed = options.Seed,
            Patience = options.Patience,
        };
        return await new DemoStory(stage).PrintAsync(cancellationToken);
    }

    // Not of the many events: who counts these asks the store.
    private static IReadOnlyList<string> ToldOf => [ReservedNames.OwnSource, DemoStage.Source, SampleProducers.FeedSource, SampleProducers.InsurerSource];

    private static Dictionary<string, string?> Settings(IReadOnlyDictionary<string, string?> given, DemoConsumer consumer)
    {
        var settings = new Dictionary<string, string?>(given.Concat(Own).DistinctBy(s => s.Key, StringComparer.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase);
        settings[TopicsFile] = consumer.TopicsFile;
        return settings;
    }

    // Failures are what the demo is about; they need no lines of their own. And who watches does not wait for minutes.
    private static Dictionary<string, string?> Own => new()
    {
        ["Logging:LogLevel:Default"] = "Error",
        ["Logging:LogLevel:EventFunctions"] = "Critical",
        ["TickSchedule"] = EverySecond,
        ["Monitoring:Grace"] = "00:00:01",
    };

    private void Report(DemoPlan plan, DemoRun run, DemoCheck check, IReadOnlyList<DemoRow> story)
    {
        var completed = check.Records.Values.Where(r => r.Status == "completed").ToArray();
        var failed = plan.Events.Count(e => e.ExpectedStatus == "failed" && check.Records.GetValueOrDefault(e.Id)?.Status == "failed");
        var ways = completed.Where(r => run.SentAt.ContainsKey(r.Id) && r.Timeline.Count > 0).Select(r => r.Timeline[^1].At - run.SentAt[r.Id]);
        terminal.Table(
            ["", "", "planned"],
            [
                Row("requests posted", run.Posted, plan.Events.Sum(e => 1 + e.Repeats + (e.Conflicts ? 1 : 0))),
                Row("events accepted", run.Accepted, plan.Events.Count),
                Row("repeats recognised", run.Repeats, plan.Events.Sum(e => e.Repeats)),
                Row("conflicts refused", run.Conflicts, plan.Events.Count(e => e.Conflicts)),
                Row("completed", completed.Length, plan.Events.Count(e => e.ExpectedStatus == "completed")),
                Row("failed as planned", failed, plan.Events.Count(e => e.ExpectedStatus == "failed")),
                Row("full data compared", check.DataCompared, null),
                .. story.Select(row => Row(row.Name, row.Count, row.Planned)),
                ["POST to 202, p50 / p99", Percentiles(run.Acknowledgements), ""],
                ["POST to completed, p50 / p99", Percentiles(ways), ""],
                ["events/s", (check.Records.Count / run.Elapsed.TotalSeconds).ToString("N0", CultureInfo.InvariantCulture), ""],
            ]);
    }

    private void Name(string[] differences, string folder)
    {
        if (differences.Length == 0)
        {
            terminal.Line("The store contains exactly the events that were sent.");
            return;
        }

        terminal.Error($"{differences.Length} differences; the data stays in {folder}:");
        foreach (var difference in differences.Take(MaxDifferencesNamed))
        {
            terminal.Error(difference);
        }
    }

    private static IReadOnlyList<string> Row(string name, int count, int? planned) =>
        [name, count.ToString("N0", CultureInfo.InvariantCulture), planned?.ToString("N0", CultureInfo.InvariantCulture) ?? ""];

    private static string Percentiles(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Order().ToArray();
        return sorted.Length == 0 ? "" : $"{At(0.50)} / {At(0.99)}";

        string At(double share) => string.Create(
            CultureInfo.InvariantCulture, $"{sorted[(int)(share * (sorted.Length - 1))].TotalMilliseconds:N1} ms");
    }
}
