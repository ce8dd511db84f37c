using System.CommandLine;
using EventFunctions.Cli.Costs;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Cli.Commands;

/// <summary>The options that describe events and what the service does with each.</summary>
internal sealed class WorkloadOptions
{
    private const long LongestMilliseconds = 30_000;

    private static readonly int[] Sizes = [512, 2048, 4096];

    private readonly Option<int> _memory = new("--memory")
    {
        Description = $"Memory of an instance in MB: {string.Join(", ", Sizes)} (default {Sizes[0]}).",
        HelpName = "MB",
        DefaultValueFactory = _ => Sizes[0],
    };

    private readonly Option<long> _concurrency = NumberOption.Create("--concurrency", "Executions that run on one instance at once", 100, 1, 1000);
    private readonly Option<long> _post = NumberOption.Create("--post-ms", "How long a request takes, in milliseconds", 50, 1, LongestMilliseconds);
    private readonly Option<long> _fetch = NumberOption.Create("--fetch-ms", "How long a producer takes to return the full data", 200, 0, LongestMilliseconds);
    private readonly Option<long> _deliveries = NumberOption.Create("--deliveries", "Webhook deliveries for each event", 0, 0, 1000);
    private readonly Option<long> _delivery = NumberOption.Create("--delivery-ms", "How long a webhook takes to respond", 200, 0, LongestMilliseconds);
    private readonly Option<long> _queued = NumberOption.Create("--queued", $"The percentage of deliveries that go through the queue; all do if an event has more than {EventDispatch.MaxSentAtOnce}", 0, 0, 100);
    private readonly Option<long> _consumers = NumberOption.Create("--consumers", "Event Grid subscriptions of consumers that take each enriched event", 0, 0, 500);
    private readonly Option<bool> _ownData = new("--own-data") { Description = "Events carry their full data, so nothing is fetched." };
    private readonly Option<bool> _entities = new("--entities") { Description = "Events are linked to entities." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _memory.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !Sizes.Any(size => $"{size}" == token.Value))
            {
                result.AddError($"--memory must be {string.Join(", ", Sizes[..^1])} or {Sizes[^1]}, but is '{token.Value}'.");
            }
        });
        foreach (var option in (Option[])[_memory, _concurrency, _post, _fetch, _deliveries, _delivery, _queued, _consumers, _ownData, _entities])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Returns the workload with a number of events in the month.</summary>
    public Workload Of(Call call, long events) => new()
    {
        Events = events,
        Memory = call.Get(_memory),
        Concurrency = (int)call.Get(_concurrency),
        Post = Milliseconds(call.Get(_post)),
        Fetch = Milliseconds(call.Get(_fetch)),
        Deliveries = (int)call.Get(_deliveries),
        Delivery = Milliseconds(call.Get(_delivery)),
        QueuedPercentage = call.Get(_deliveries) > EventDispatch.MaxSentAtOnce ? 100 : (int)call.Get(_queued),
        Consumers = (int)call.Get(_consumers),
        OwnData = call.Get(_ownData),
        Entities = call.Get(_entities),
    };

    private static TimeSpan Milliseconds(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
