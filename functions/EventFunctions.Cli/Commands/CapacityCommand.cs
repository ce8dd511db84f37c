using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Cli.Capacity;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>capacity</c>: which limit a rate of events meets first.</summary>
internal static class CapacityCommand
{
    private const long MostEvents = 1_000_000;

    private const long MostThroughput = 1_000_000;

    // What Azure gives a container that asks for no more.
    private const int LeastThroughput = 1_000;

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var defaults = new Deployment();
        var rate = NumberOption.Create("--rate", "Events a second", 1, 1, MostEvents);
        var load = new WorkloadOptions();
        var instances = NumberOption.Create("--maximum-instances", "Instances of each group, maximumInstances of the stack", defaults.MaximumInstances, 1, 1_000);
        var events = Throughput("events");
        var deliveries = Throughput("deliveries");
        var entities = Throughput("entities");
        var quota = NumberOption.Create("--quota", "Events a minute of one producer on one instance, Quotas__EventsPerMinute", defaults.Quota, 1, 1_000_000_000);
        var data = NumberOption.Create("--data-kb", "Kilobytes of an event's full data", defaults.DataKilobytes, 0, 1_000);
        var command = new Command("capacity", "Shows the limits of a deployment in Azure, and which one a rate of events meets first. Asks no service.") { rate };
        load.AddTo(command);
        foreach (var option in (Option[])[instances, events, deliveries, entities, quota, data])
        {
            command.Options.Add(option);
        }

        session.Run(command, (call, _) =>
        {
            // An account is serverless or provisioned as a whole; in a provisioned one every container has the least at least.
            var least = ((long[])[call.Get(events), call.Get(deliveries), call.Get(entities)]).Any(given => given > 0) ? LeastThroughput : (int?)null;
            var deployment = new Deployment
            {
                MaximumInstances = (int)call.Get(instances),
                EventsThroughput = Throughput(call.Get(events), least),
                DeliveriesThroughput = Throughput(call.Get(deliveries), least),
                EntitiesThroughput = Throughput(call.Get(entities), least),
                Quota = (int)call.Get(quota),
                DataKilobytes = (int)call.Get(data),
            };
            var workload = load.Of(call, 0);
            var result = CapacityResult.Of(call.Get(rate), deployment, ServiceLimits.Of(workload, deployment));
            if (call.Output.IsJson)
            {
                call.Output.Json(JsonSerializer.SerializeToElement(result, CapacityJson.Default.CapacityResult));
            }
            else
            {
                Show(call.Output, result, workload.Memory, workload.Concurrency);
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static Option<long> Throughput(string container) => NumberOption.Create(
        $"--{container}-throughput",
        $"RU/s of the container {container} in cosmosAutoscale; 0 means {LeastThroughput} if another container has throughput, else a serverless account",
        0,
        0,
        MostThroughput);

    private static int? Throughput(long given, int? least) => given == 0 ? least : (int)given;

    private static void Show(Output output, CapacityResult result, int memory, int concurrency)
    {
        var configuration = result.Configuration;
        output.Line(Invariant($"Configuration: {memory} MB and {concurrency} executions an instance, at most {configuration.MaximumInstances} instances a group."));
        output.Line($"Store: events {Text(configuration.EventsThroughput)}, deliveries {Text(configuration.DeliveriesThroughput)}, entities {Text(configuration.EntitiesThroughput)}.");
        output.Line();
        output.Table(
            ["limit", $"at {result.Rate}/s", "of", "unit", "met at", "source"],
            [.. result.Limits.Select(Row)]);
        output.Line();
        var first = result.Limits[0];
        output.Line(first.IsExceeded
            ? Invariant($"At {result.Rate} events a second the first limit is exceeded: {first.Name}, met at {first.MetAt} events a second.")
            : Invariant($"{result.Rate} events a second are within all limits. The first that is met: {first.Name}, at {first.MetAt} events a second."));
        foreach (var limit in result.Limits.Where(limit => limit.IsExceeded).DefaultIfEmpty(first))
        {
            output.Line($"- {limit.Name}: {limit.Remedy}");
        }
    }

    private static IReadOnlyList<Cell> Row(CapacityResultLimit limit) =>
    [
        limit.Name,
        new Cell(Invariant($"{limit.Use:#,0.##}"), limit.IsExceeded ? "red" : null),
        Invariant($"{limit.Limit:N0}"),
        limit.Unit,
        limit.MetAt is { } met ? Invariant($"{met:N0}/s") : "never",
        limit.Source,
    ];

    private static string Text(int? throughput) => throughput is { } most ? Invariant($"{most} RU/s") : "serverless";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
