using System.Globalization;
using System.Text;
using EventFunctions.Administration;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Intake;
using EventFunctions.Jobs;
using EventFunctions.Producers.Definitions;
using EventFunctions.Records;
using EventFunctions.Simulation.Machine;
using EventFunctions.Storage;
using EventFunctions.Ticks;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Simulation.World;

/// <summary>What the people and systems around the service do: a list of actions with their times, drawn from the seed.</summary>
internal sealed class Workload
{
    // An instance that cannot read the registries uses what it knows for a minute.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    private static readonly Precondition Anything = new() { IfMatch = ["*"] };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // By then a job has changed its first events.
    private static readonly TimeSpan Begun = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan[] Durations = [TimeSpan.FromMinutes(30), TimeSpan.FromHours(3), TimeSpan.FromHours(24)];

    private static readonly TimeSpan LongerThanRetention = TimeSpan.FromDays(12);

    private readonly SimulatedWorld _world;
    private readonly Chance _chance;
    private readonly List<(TimeSpan At, string Name, Func<Task> Work)> _actions = [];
    private readonly List<EventNotification> _sent = [];
    private readonly IReadOnlyList<string> _producers;

    public Workload(SimulatedWorld world)
    {
        _world = world;
        _chance = Chance.Of(world.Scenario.Seed, 3);
        _producers = Surroundings.DefinitionsOf(areWatched: _chance.Happens(0.2));
        var duration = _chance.Happens(0.04) ? LongerThanRetention : _chance.Pick(Durations);
        Duration = Settled + duration;
        var bursts = Enumerable.Range(0, 1 + _chance.Next(4)).Select(_ => duration * (_chance.NextDouble() * 0.9)).ToList();
        var count = 8 + _chance.Next(_chance.Happens(0.2) ? 60 : 20);
        for (var i = 0; i < count; i++)
        {
            var at = Settled + _chance.Pick(bursts) + TimeSpan.FromSeconds(_chance.NextDouble() * 90);
            var draw = _chance.Next(122);
            var (name, work) = draw switch
            {
                < 45 => Post(1),
                < 52 => Post(2 + _chance.Next(4)),
                < 60 => Offer(),
                < 66 => Again(),
                _ => Operate(draw),
            };
            _actions.Add((at, name, work));
        }
    }

    /// <summary>How long the actions take.</summary>
    public TimeSpan Duration { get; }

    /// <summary>How many actions there are.</summary>
    public int Count => _actions.Count;

    /// <summary>Registers producers and webhooks.</summary>
    public async Task PrepareAsync()
    {
        foreach (var definition in _producers)
        {
            await _world.CallAsync("put producer", "", instance => PutAsync(instance, definition, new Precondition()), Patience);
        }

        foreach (var webhook in Surroundings.Webhooks)
        {
            await _world.CallAsync("put webhook", webhook.Name, instance => instance.Get<WebhookRegistry>().PutAsync(webhook, new Precondition(), default), Patience);
        }
    }

    /// <summary>Schedules the actions.</summary>
    public void Schedule()
    {
        foreach (var (number, action) in _actions.Index())
        {
            if (!_world.Scenario.Skipped.Contains(number))
            {
                _world.Thread.After(action.At, () =>
                {
                    _world.Trace.Add(_world.Thread.Now, "client", action.Name, "", "");
                    _world.Start(action.Work);
                });
            }
        }
    }

    private (string, Func<Task>) Post(int count)
    {
        var events = Enumerable.Range(0, count).Select(_ => NewEvent(_chance.Pick(Surroundings.PostingSources))).ToList();
        return ("posts " + string.Join(' ', events.Select(one => one.Id)), () => PostAsync(events));
    }

    private (string, Func<Task>) Offer()
    {
        var one = NewEvent(Surroundings.FeedSource);
        return ("offers " + one.Id, () =>
        {
            _world.Producers.Offer(one);
            return Task.CompletedTask;
        }
        );
    }

    // The same event once more, or another content under its identity.
    private (string, Func<Task>) Again()
    {
        if (_sent.Count == 0)
        {
            return Post(1);
        }

        var one = _chance.Pick(_sent);
        var isOther = _chance.Happens(0.3);
        var again = isOther ? one with { Subject = one.Subject + "-other" } : one;
        return ((isOther ? "posts another " : "posts again ") + one.Id, () => PostAsync([again]));
    }

    private EventNotification NewEvent(string source)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"e{_sent.Count}");
        var one = new EventNotification
        {
            Id = id,
            Source = source,
            Type = _chance.Pick(Surroundings.Types),
            Subject = string.Create(CultureInfo.InvariantCulture, $"s{_chance.Next(3)}"),
            Data = EventContent.FromJson($$"""{"of":"{{id}}","filtered":{{(_chance.Happens(0.1) ? "true" : "false")}}}"""),
        };
        _sent.Add(one);
        return one;
    }

    // A client repeats what was not accepted.
    private async Task PostAsync(IReadOnlyList<EventNotification> events)
    {
        var about = string.Join(' ', events.Select(one => one.Id));
        for (var attempt = 0; attempt < 40; attempt++)
        {
            IntakeResult? result = null;
            if (await _world.CallAsync(
                "post", about, async instance => result = await instance.Get<EventIntake>().AcceptAsync(new IntakeRequest(events, IntakeChannel.Post), instance.Stopping), Patience))
            {
                _world.Judge.Answered(events, result!);
                return;
            }

            await _world.DelayAsync(TimeSpan.FromSeconds(1 << Math.Min(attempt, 10)));
        }
    }

    private (string, Func<Task>) Operate(int draw)
    {
        var one = _sent.Count == 0 ? null : _chance.Pick(_sent);
        return (draw, one) switch
        {
            ( < 72, not null) => Change("replays " + one.Id, instance => instance.Get<EventAdministration>().ReplayAsync(one.Key, "operator", instance.Stopping)),
            ( < 74, not null) => Change("dismisses " + one.Id, instance => instance.Get<EventAdministration>().DismissAsync(one.Key, "operator", instance.Stopping)),
            ( < 76, not null) => Change("restores " + one.Id, instance => instance.Get<EventAdministration>().RestoreAsync(one.Key, "operator", instance.Stopping)),
            ( < 77, not null) => ReplayAndErase(one),
            ( < 79, not null) => Job(JobAction.Erase, new EventFilter { Entity = new EntityKey(one.Source, one.Subject!) }),
            ( < 81, _) => Job(JobAction.Replay, new EventFilter { Status = EventStatus.Failure }),
            ( < 83, _) => Job(JobAction.Replay, new EventFilter { Status = EventStatus.Completed, Type = _chance.Pick(Surroundings.Types) }),
            ( < 85, _) => Job(JobAction.Dismiss, new EventFilter { Status = EventStatus.Failure, Dismissed = false }),
            ( < 87, _) => Change("resends failed deliveries", instance => instance.Get<DeliveryLog>().ResendFailedAsync("crm", _world.Thread.Now - TimeSpan.FromDays(2), instance.Stopping)),
            ( < 89, _) => Change("replaces a producer", instance => PutAsync(instance, Surroundings.Changed(_producers[_chance.Next(2)]), Anything)),
            ( < 90, _) => Change("changes the limit of crm", instance => instance.Get<WebhookRegistry>().PutAsync(
                Surroundings.Webhooks[0] with { MaxConcurrent = 1 + _chance.Next(8) }, Anything, instance.Stopping)),
            ( < 95, _) => Outage(),
            ( < 100, _) => Clock(),
            ( < 105, _) => Stop(),
            ( < 109, _) => Change("registers the webhook log", instance => instance.Get<WebhookRegistry>().PutAsync(Surroundings.Passing, new Precondition(), instance.Stopping)),
            ( < 110, _) => Change("deletes the webhook log and registers it again", async instance =>
            {
                await instance.Get<WebhookRegistry>().DeleteAsync(Surroundings.Passing.Name, Anything, instance.Stopping);
                await instance.Get<WebhookRegistry>().PutAsync(Surroundings.Passing, new Precondition(), instance.Stopping);
            }),
            ( < 111, _) => Change("deletes the webhook log", instance => instance.Get<WebhookRegistry>().DeleteAsync(Surroundings.Passing.Name, Anything, instance.Stopping)),
            ( < 112, _) => Change("enables the webhook log", instance => instance.Get<WebhookRegistry>().EnableAsync(Surroundings.Passing.Name, Anything, instance.Stopping)),
            ( < 113, _) => Change("rotates the secret of crm", instance => instance.Get<WebhookRegistry>().RotateAsync("crm", new WebhookRotation(TimeSpan.FromMinutes(5), null), Anything, instance.Stopping)),
            ( < 116, _) => Change("cancels jobs", CancelAsync),
            ( < 119, _) => DeleteProducer(_chance.Next(_producers.Count)),
            _ => RunTicks(),
        };
    }

    private async Task CancelAsync(Instance instance)
    {
        var jobs = instance.Get<EventJobs>();
        foreach (var job in (await jobs.ListAsync(10, null, instance.Stopping)).Items.Where(job => !job.IsOver))
        {
            _world.Judge.CancelledJobs.Add(job.Id);
            await jobs.CancelAsync(job.Id, instance.Stopping);
        }
    }

    private (string Name, Func<Task> Work) Change(string name, Func<Instance, Task> work) => (name, async () =>
    {
        for (var attempt = 0; attempt < 5 && !await _world.CallAsync("operator", name, work, Patience); attempt++)
        {
            await _world.DelayAsync(TimeSpan.FromSeconds(2));
        }
    }
    );

    // A page of a job has as many events as it may change in a second.
    private (string, Func<Task>) Job(JobAction action, EventFilter filter)
    {
        var rate = _chance.Happens(0.5) ? 100 : 1 + _chance.Next(4);
        return Change($"starts a job to {action}", instance => instance.Get<JobStart>().StartAsync(action, filter, rate, "operator", instance.Stopping));
    }

    // The new run is enriched while its data is erased.
    private (string, Func<Task>) ReplayAndErase(EventNotification one)
    {
        var wait = TimeSpan.FromSeconds(_chance.NextDouble() * 0.5);
        var entity = new EventFilter { Entity = new EntityKey(one.Source, one.Subject!) };
        var (replays, replay) = Job(JobAction.Replay, entity);
        var (_, erase) = Job(JobAction.Erase, entity);
        return (replays + " and to Erase", async () =>
        {
            await replay();
            await _world.DelayAsync(Begun);
            StartTick();
            await _world.DelayAsync(wait);
            await erase();
        }
        );
    }

    // Its events are refused meanwhile, and what is fetched then fails.
    private (string, Func<Task>) DeleteProducer(int which)
    {
        var wait = _chance.Between(TimeSpan.Zero, TimeSpan.FromMinutes(10));
        var name = Surroundings.Names[which];
        return ("deletes the producer " + name, async () =>
        {
            _world.Judge.Deleted.Add(Surroundings.Sources[which]);
            await Change("deletes the producer " + name, instance => instance.Get<ProducerAdministration>().DeleteAsync(name, Anything, "operator", instance.Stopping)).Work();
            await _world.DelayAsync(wait);
            await RegisterAsync(which);
        }
        );
    }

    private async Task RegisterAsync(int which)
    {
        while (!await _world.CallAsync("put producer", Surroundings.Names[which], instance => PutAsync(instance, _producers[which], new Precondition()), Patience))
        {
            await _world.DelayAsync(TimeSpan.FromSeconds(30));
        }
    }

    private void StartTick() =>
        _world.Start(() => _world.CallAsync(Trace.Tick, "", instance => instance.Get<ServiceTick>().RunAsync(instance.Stopping), Patience));

    // An operator runs ticks beside the timer's.
    private (string, Func<Task>) RunTicks() => ("runs ticks", () =>
    {
        for (var tick = 0; tick < 2; tick++)
        {
            StartTick();
        }

        return Task.CompletedTask;
    }
    );

    private (string, Func<Task>) Outage()
    {
        var system = _chance.Pick((string[])["store", "topic", "queue"]);
        var length = _chance.Between(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(_chance.Happens(0.3) ? 60 : 5));
        return ("has an outage", () =>
        {
            if (_world.Faults.Strike(FaultKind.Outage))
            {
                _world.Network.SetDown(system, isDown: true);
                _world.Thread.After(length, () => _world.Network.SetDown(system, isDown: false));
            }

            return Task.CompletedTask;
        }
        );
    }

    private (string, Func<Task>) Stop()
    {
        var which = _chance.Next(3);
        return ("stops an instance", () =>
        {
            if (which < _world.Living.Count)
            {
                _world.Stop(_world.Living[which]);
            }

            return Task.CompletedTask;
        }
        );
    }

    private (string, Func<Task>) Clock()
    {
        var offset = TimeSpan.FromHours(_chance.Happens(0.5) ? (_chance.NextDouble() * 48) - 24 : (_chance.NextDouble() * 0.02) - 0.01);
        var drift = _chance.Happens(0.3) ? (_chance.NextDouble() * 0.002) - 0.001 : 0;
        var which = _chance.Next(3);
        return ("has a clock jump", () =>
        {
            if (which < _world.Living.Count && _world.Faults.Strike(FaultKind.Clock))
            {
                var instance = _world.Living[which];
                (instance.Clock.Offset, instance.Clock.Drift) = (offset, drift);
                _world.Trace.Add(_world.Thread.Now, instance.Name, "clock is off by", offset.ToString("c", CultureInfo.InvariantCulture), "");
            }

            return Task.CompletedTask;
        }
        );
    }

    private static async Task PutAsync(Instance instance, string definition, Precondition precondition)
    {
        var producer = instance.Get<ProducerReader>().Read(Encoding.UTF8.GetBytes(definition), null, out var errors)
            ?? throw new InvalidOperationException(string.Join(' ', errors));
        await instance.Get<ProducerAdministration>().PutAsync(producer, precondition, "operator", instance.Stopping);
    }
}
