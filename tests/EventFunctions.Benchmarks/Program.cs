using System.CommandLine;
using BenchmarkDotNet.Running;
using EventFunctions.Benchmarks;
using EventFunctions.Benchmarks.Load;
using EventFunctions.Benchmarks.Micro;
using EventFunctions.Benchmarks.Scenarios;
using Spectre.Console;

var seconds = new Option<int>("--seconds") { Description = "How long each run of a pair takes.", DefaultValueFactory = _ => 8 };
var rounds = new Option<int>("--rounds") { Description = "How many pairs are run; the median counts.", DefaultValueFactory = _ => 3 };
var connections = new Option<int>("--connections") { Description = "Keep-alive connections.", DefaultValueFactory = _ => 64 };
var only = new Option<string?>("--only") { Description = "Only scenarios whose name contains this." };
var urls = new Option<string>("--urls") { Description = "Where the bare endpoint listens.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };

var bare = new Command("bare", "Serves the bare endpoint that every ratio is to.") { urls };
bare.SetAction((parsed, cancellationToken) => BareEndpoint.RunAsync(parsed.GetValue(urls)!, cancellationToken));

var ratios = new Command("ratios", "Rates of intake and local Event Grid, as ratios to the bare endpoint.") { seconds, rounds, connections, only };
ratios.SetAction(parsed => Measurements.RatiosAsync(
    parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections), parsed.GetValue(only)));

var withEntities = new Option<bool>("--entities") { Description = "The events are linked to entities, and tell their changes." };
var smallest = new Option<string?>("--smallest") { Description = "The smallest program that keeps the same promises, built: it is measured in turn with the host." };
var completion = new Command("completion", "POST to completed: sustained rate, and latencies at half of it.") { seconds, connections, withEntities, smallest };
completion.SetAction(parsed => Measurements.CompletionAsync(
    TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections), parsed.GetValue(withEntities), parsed.GetValue(smallest)));

var preparation = new Command("preparation", "Intake with a schema, rules, and the projection of entities, against intake with none.") { seconds, rounds, connections };
preparation.SetAction(parsed => Measurements.PreparationAsync(
    parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections)));

var build = new Option<string?>("--build") { Description = "The folder of the host to measure; by default the one beside this tool." };
var startup = new Command("startup", "From the start of the built host to its first 202, and what it takes idle.") { rounds, build };
startup.SetAction(parsed => Measurements.StartupAsync(parsed.GetValue(rounds), parsed.GetValue(build)));

var recorded = new Option<string>("--recorded") { Description = "The file with the recorded ratios.", Required = true };
var record = new Option<bool>("--record") { Description = "Writes the ratios to the file." };
var check = new Command("check", "Measures for half a minute, and fails below 0.6 of the recorded ratios.") { recorded, record, connections };
check.SetAction(parsed => Regressions.CheckAsync(parsed.GetValue(recorded)!, parsed.GetValue(record), parsed.GetValue(connections)));

var report = new Command("report", "Measures the figures of the guide, as a table in Markdown.") { rounds, seconds, connections, build, smallest };
report.SetAction(parsed => new Report(
    parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections), parsed.GetValue(build), parsed.GetValue(smallest)).RunAsync());

var peersBuild = new Option<string>("--peers") { Description = "The folder of the built EventFunctions.Peers.", Required = true };
var postgreSql = new Option<string?>("--postgresql") { Description = "The connection string of an empty PostgreSQL database; without it PostgreSQL is left out." };
var peers = new Command("peers", "The same events as bare inserts and through other libraries.") { peersBuild, postgreSql, seconds, connections };
peers.SetAction(parsed => Measurements.PeersAsync(
    parsed.GetValue(peersBuild)!, parsed.GetValue(postgreSql), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections)));

var before = new Argument<string>("before") { Description = "The folder of the built host to compare with." };
var after = new Argument<string>("after") { Description = "The folder of the built host to judge." };
var compare = new Command("compare", "Compares two builds of the host in alternating pairs, and fails on more than 10 % more processor time.")
{
    before, after, rounds, seconds, connections,
};
compare.SetAction(parsed => Regressions.CompareAsync(new CompareScenario(
    parsed.GetValue(before)!,
    parsed.GetValue(after)!,
    parsed.GetValue(rounds),
    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
    parsed.GetValue(connections))));

var events = new Option<int>("--events") { Description = "How many events.", DefaultValueFactory = _ => 100_000 };
var subjects = new Option<int>("--entities") { Description = "How many entities they are about.", DefaultValueFactory = _ => 10_000 };
var entities = new Command("entities", "What is known of entities: kept as events come, and rebuilt from the store.") { events, subjects };
entities.SetAction(parsed => Measurements.EntitiesAsync(parsed.GetValue(events), parsed.GetValue(subjects)));

var sizes = new Option<int[]>("--sizes")
{
    Description = "How many records the store holds, in growing order.",
    AllowMultipleArgumentsPerToken = true,
    DefaultValueFactory = _ => [10_000, 100_000, 1_000_000],
};
var growth = new Command("growth", "What operators and timers read, while the embedded store grows.") { sizes };
growth.SetAction(parsed => Measurements.GrowthAsync(parsed.GetValue(sizes)!));

var filled = new Command("filled", "Intake over HTTP into stores that hold many records already, in turn.") { sizes, rounds, seconds, connections };
filled.SetAction(parsed => Measurements.FilledAsync(new FilledIntakeScenario(
    parsed.GetValue(sizes)!, parsed.GetValue(rounds), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(connections))));

var callers = new Option<int>("--callers") { Description = "How many write at once.", DefaultValueFactory = _ => 64 };
var randomIds = new Option<bool>("--random-ids") { Description = "Events have random IDs instead of growing ones." };
var commit = new Command("commit", "What the embedded store alone costs an event, while it grows.") { sizes, callers, seconds, randomIds };
commit.SetAction(parsed => Measurements.CommitAsync(
    parsed.GetValue(sizes)!, parsed.GetValue(callers), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(randomIds)));

var webhookCount = new Option<int>("--webhooks") { Description = "How many webhooks want every event.", DefaultValueFactory = _ => 50 };
var webhookEvents = new Option<int>("--events") { Description = "How many events are posted.", DefaultValueFactory = _ => 400 };
var webhookRate = new Option<double>("--rate") { Description = "How many events are posted a second.", DefaultValueFactory = _ => 10 };
var webhooks = new Command("webhooks", "Deliveries to customers' webhooks: with nobody hanging, and with one.") { webhookCount, webhookEvents, webhookRate };
webhooks.SetAction(parsed => Measurements.WebhooksAsync(parsed.GetValue(webhookCount), parsed.GetValue(webhookEvents), parsed.GetValue(webhookRate)));

var records = new Option<int>("--records") { Description = "How many events the store holds.", DefaultValueFactory = _ => 1_000_000 };
var minutes = new Option<int>("--minutes") { Description = "For how long events arrive while the page is open.", DefaultValueFactory = _ => 10 };
var pageRate = new Option<int>("--rate") { Description = "How many events are posted a second.", DefaultValueFactory = _ => 1_000 };
var dashboard = new Command("dashboard", "The dashboard in a real browser: its first paint, and its memory while events arrive.") { records, minutes, pageRate };
dashboard.SetAction(parsed => Measurements.DashboardAsync(parsed.GetValue(records), parsed.GetValue(minutes), parsed.GetValue(pageRate)));

var micro = new Command("micro", "Time and memory of what intake does with one event, by BenchmarkDotNet.");
micro.SetAction(_ => { BenchmarkRunner.Run<IntakeBenchmarks>(); });

// Wide enough for the tables where the output is a file.
AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 160);
return await new RootCommand("Measures EventFunctions against a bare Kestrel endpoint.") { bare, ratios, completion, preparation, startup, check, compare, report, peers, entities, growth, filled, commit, webhooks, dashboard, micro }
    .Parse(args).InvokeAsync();
