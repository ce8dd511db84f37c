using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Runtime;
using EventFunctions.Simulation.Judging;
using EventFunctions.Simulation.Machine;
using EventFunctions.Simulation.Stores;
using EventFunctions.Storage;
using EventFunctions.Webhooks;

namespace EventFunctions.Simulation.World;

/// <summary>One simulated world: three instances of the service, and everything around them, from one seed.</summary>
internal sealed class SimulatedWorld
{
    private const int Instances = 3;

    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LongestSettling = TimeSpan.FromDays(14);
    private static readonly TimeSpan LongestKept = TimeSpan.FromDays(91);

    private readonly ServiceGraph _graph;
    private readonly ThreadScheduler _scheduler;
    private readonly SimulatedClock _clock;
    private readonly List<Instance> _instances = [];
    private readonly Pumps _pumps;
    private readonly bool _isMixed;
    private int _open;
    private DateTimeOffset? _end;

    public SimulatedWorld(ServiceGraph graph, Scenario scenario)
    {
        (_graph, Scenario) = (graph, scenario);
        Thread = new SimulatedThread(Chance.Of(scenario.Seed, 0), Begin);
        Faults = new Faults(scenario);
        Trace = new Trace(scenario.Tells);
        Trace.Begin(Begin);
        _isMixed = Chance.Of(scenario.Seed, 4).Happens(0.5);
        _scheduler = new ThreadScheduler(Thread);
        _clock = new SimulatedClock(Thread, _scheduler);
        Events = new MemoryEventStore(_clock);
        Documents = new MemoryDocumentStore(_clock);
        Queue = new MemoryMessageQueue(_clock);
        Network = new Network(Thread, Faults, Trace, Kill);
        Judge = new Judge(this);
        Topic = new SimulatedTopic(this);
        Producers = new SimulatedProducers(this);
        Endpoints = new SimulatedEndpoints(this);
        Follower = new FeedFollower(this);
        _pumps = new Pumps(this);
        Events.Written = (before, record) =>
        {
            _pumps.Changed();
            Judge.Wrote(before, record);
        };
        Events.Refused = (record, patch) => WriteRules.CheckRefused(Judge, record, patch);
        Events.DataWritten = Judge.WroteData;
        Documents.Written = (container, document) =>
        {
            if (container == DocumentContainer.State && document.Partition == "feed")
            {
                Judge.FeedAdvanced(FeedState.Read(document.Body.Span).LastEventId);
            }

            var isJob = container == DocumentContainer.State && document.Partition == Jobs.EventJobs.Partition;
            if (isJob)
            {
                Judge.WroteJob(Jobs.EventJobs.Read(document.Id, document.Body.Span));
            }

            // A tick always writes its own time, and where it has read a feed to.
            if (container != DocumentContainer.State || isJob)
            {
                _pumps.Changed();
            }
        };
    }

    public Scenario Scenario { get; }

    public SimulatedThread Thread { get; }

    public Faults Faults { get; }

    public Trace Trace { get; }

    public MemoryEventStore Events { get; }

    public MemoryDocumentStore Documents { get; }

    public MemoryMessageQueue Queue { get; }

    public Network Network { get; }

    public SimulatedTopic Topic { get; }

    public SimulatedProducers Producers { get; }

    public SimulatedEndpoints Endpoints { get; }

    public FeedFollower Follower { get; }

    public SimulatedDeadLetters DeadLetters { get; } = new();

    public Judge Judge { get; }

    /// <summary>The instances that live.</summary>
    public IReadOnlyList<Instance> Living => _instances;

    /// <summary>Simulates the world to its end.</summary>
    public WorldResult Run()
    {
        RandomProvider.Use(Chance.Of(Scenario.Seed, 2));
        try
        {
            for (var number = 0; number < Instances; number++)
            {
                Live(number, 0);
            }

            var workload = new Workload(this);
            Faults.AreOn = false;
            Start(workload.PrepareAsync);
            Thread.Run(Begin.AddMinutes(5), () => IsOver);
            Faults.AreOn = true;
            workload.Schedule();
            Follower.Schedule(workload.Duration);
            _pumps.Start();
            Thread.Run(Thread.Now + workload.Duration, () => Judge.Violation is not null);
            Settle();
            if (Judge.Violation is null)
            {
                var checks = new EndChecks(this);
                Start(checks.CheckAsync);
                Thread.Run(Thread.Now.AddHours(1), () => checks.IsDone || Judge.Violation is not null);
                _end = Thread.Now;
                Forget(checks);
            }
        }
        finally
        {
            RandomProvider.Use(null);
        }

        return new WorldResult(Scenario, Judge.Violation ?? (Thread.Escape is { } stack ? "Something left the simulated thread: " + stack : null), Trace)
        {
            Events = Judge.AcceptedCount,
            Faults = Faults.Counts,
            Time = (_end ?? Thread.Now) - Begin,
            Steps = Thread.Steps,
        };
    }

    /// <summary>Starts something outside the service.</summary>
    public void Start(Func<Task> work)
    {
        _open++;
        _scheduler.Start(async () =>
        {
            try
            {
                await work();
            }
            catch (Exception e)
            {
                Judge.Fail("The simulation failed: " + e);
            }

            _open--;
        });
    }

    /// <summary>A feed has a new event.</summary>
    public void Offered() => _pumps.Changed();

    public Task DelayAsync(TimeSpan delay) => Task.Delay(delay, _clock);

    /// <summary>Calls an instance, as the platform or a client does.</summary>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> CallAsync(string what, string about, Func<Instance, Task> work, TimeSpan timeout)
    {
        if (_instances.Count == 0)
        {
            await DelayAsync(TimeSpan.FromSeconds(1));
            return false;
        }

        var instance = _instances[Faults.Chance.Next(_instances.Count)];
        Trace.Add(Thread.Now, "world", what, about, instance.Name);
        try
        {
            await instance.CallAsync(() => work(instance)).WaitAsync(timeout, _clock);
            return true;
        }
        catch (Exception e)
        {
            Trace.Add(Thread.Now, "world", what, about, e.GetType().Name);
            Judge.Threw(what, e);
            return false;
        }
    }

    /// <summary>Tells an instance to stop. It gets nothing more to do, and has a while to end.</summary>
    public void Stop(Instance instance)
    {
        if (instance.IsAlive && Faults.Strike(FaultKind.Stop))
        {
            Trace.Add(Thread.Now, instance.Name, "is told to stop", "", "");
            _instances.Remove(instance);
            instance.Stop();
            Thread.After(TimeSpan.FromSeconds(Faults.Chance.Next(30)), () => Kill(instance, "at the end of its time"));
        }
    }

    private bool IsShort()
    {
        Judge.Assert(Thread.Steps <= SimulatedThread.MostSteps, $"The world does not end: {_pumps.Describe()}");
        return Judge.Violation is null;
    }

    private bool IsOver => _open == 0 || Judge.Violation is not null;

    // Without faults, all that was begun has to come to its end.
    private void Settle()
    {
        Trace.Add(Thread.Now, "world", "faults end", "", "");
        Faults.AreOn = false;
        foreach (var system in new[] { "store", "topic", "queue" })
        {
            Network.SetDown(system, isDown: false);
        }

        foreach (var instance in _instances)
        {
            (instance.Clock.Offset, instance.Clock.Drift) = (TimeSpan.Zero, 0);
        }

        var end = Thread.Now + LongestSettling;
        while (Judge.Violation is null && IsShort() && !(_open == 0 && _pumps.IsIdle))
        {
            if (Thread.Now >= end)
            {
                Judge.Fail("Work is due for ever: " + _pumps.Describe());
                return;
            }

            Thread.Run(Thread.Now.AddHours(1), () => Judge.Violation is not null || (_open == 0 && _pumps.IsIdle));
        }
    }

    // Without ticks, since what is kept for a time goes by itself.
    private void Forget(EndChecks checks)
    {
        _pumps.Stop();
        if (!Thread.Run(Thread.Now + LongestKept, () => Judge.Violation is not null))
        {
            checks.CheckForgotten();
        }
    }

    private void Live(int number, int life)
    {
        var instance = new Instance(Thread, number, life) { IsNewer = _isMixed && (number + life) % 2 > 0 };
        var client = new SimulatedProducerClient(Producers, Network, instance);
        var open = new OpenAddresses();
        instance.Services = (instance.IsNewer ? _graph.Newer! : _graph).Create(
        [
            new(typeof(TimeProvider), instance.Clock),
            new(typeof(IEventStore), new SimulatedEventStore(Events, Network, Faults, instance)),
            new(typeof(IDocumentStore), new SimulatedDocumentStore(Documents, Network, Faults, instance)),
            new(typeof(IMessageQueue), new SimulatedMessageQueue(Queue, Network, Faults, instance, _pumps.Sent)),
            new(typeof(IEventPublisher), new SimulatedPublisher(Topic, Network, instance)),
            new(typeof(IProducerClient), client),
            new(typeof(IFeedClient), client),
            new(typeof(IWebhookClient), new SimulatedWebhookClient(Endpoints, Network, instance)),
            new(typeof(IDeadLetterStore), DeadLetters),
            new(typeof(IDataAddresses), open),
            new(typeof(IWebhookAddresses), open),
            new(typeof(IEndpointSecrets), open),
        ]);
        _instances.Add(instance);
    }

    private void Kill(Instance instance, string where)
    {
        if (instance.IsAlive)
        {
            Trace.Add(Thread.Now, instance.Name, "dies", where, "");
            _instances.Remove(instance);
            instance.Die();
            Thread.After(TimeSpan.FromSeconds(1 + Faults.Chance.Next(30)), () => Live(instance.Number, instance.Life + 1));
        }
    }
}

/// <summary>What became of a world.</summary>
internal sealed record WorldResult(Scenario Scenario, string? Violation, Trace Trace)
{
    public required int Events { get; init; }

    public required int[] Faults { get; init; }

    public required TimeSpan Time { get; init; }

    public required long Steps { get; init; }
}
