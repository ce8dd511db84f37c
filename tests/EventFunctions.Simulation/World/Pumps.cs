using System.Globalization;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Ticks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Simulation.World;

/// <summary>
/// The platform's triggers: the timer of the tick, and the queue. A minute in which nothing can be due has no tick, so that a simulated day
/// costs little.
/// </summary>
internal sealed class Pumps(SimulatedWorld world)
{
    private const string Queue = EventDelivery.Queue;
    private const int MaxDequeued = 100;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan TickTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private bool _changed;
    private bool _ticking;
    private int _handling;
    private int _idleTicks;
    private TimeSpan _pause = Minute;
    private DateTimeOffset? _next;
    private DateTimeOffset _last = world.Thread.Now;

    /// <summary>Whether nothing is due now or later, and nothing is being done.</summary>
    public bool IsIdle => !_ticking && _handling == 0 && world.Topic.Open == 0 && world.Queue.CountOf(Queue) == 0 && NextDue() is null
        && world.Producers.Unread(world.Judge.IsAccepted) == 0 && _idleTicks >= 3;

    public void Changed() => (_changed, _pause, _idleTicks, _next) = (true, Minute, 0, null);

    public void Sent(TimeSpan delay) => world.Thread.After(delay, Pump);

    public void Start() => world.Start(TickForEverAsync);

    /// <summary>Describes what is due.</summary>
    public string Describe()
    {
        var records = world.Events.Records.Where(record => record.RelayAt is not null).Select(record => $"{record.Key.Id} {record.Status} relayAt {record.RelayAt:O}");
        var documents = DocumentContainer.All.Where(container => container.Indexed.Contains("dueAt"))
            .Select(container => (container.Name, Due: world.Documents.NextDue(container))).Where(one => one.Due is not null).Select(one => $"{one.Name} dueAt {one.Due}");
        return $"{string.Join(", ", records.Concat(documents))}; {world.Topic.Open} deliveries of the topic, {world.Queue.CountOf(Queue)} messages, "
            + $"{world.Producers.Unread(world.Judge.IsAccepted)} unread events of feeds, ticking {_ticking}, handling {_handling}.";
    }

    private async Task TickForEverAsync()
    {
        while (true)
        {
            await world.DelayAsync(Minute);
            if (!IsTickDue())
            {
                continue;
            }

            (_ticking, _changed, _last) = (true, false, world.Thread.Now);
            await world.CallAsync("tick", "", instance => instance.Get<ServiceTick>().RunAsync(default), TickTimeout);
            (_ticking, _next) = (false, null);
            if (!_changed)
            {
                // Nothing came of it: an instance's clock may be behind.
                _pause = _pause + _pause < LongestPause ? _pause + _pause : LongestPause;
                _idleTicks++;
            }
        }
    }

    private bool IsTickDue()
    {
        if (_next is null)
        {
            var (due, latest) = (NextDue(), _last + _pause);
            _next = due is { } at && at < latest && (at > _last || _pause == Minute) ? at : latest;
        }

        return world.Thread.Now >= _next;
    }

    private DateTimeOffset? NextDue()
    {
        DateTimeOffset? next = null;
        foreach (var record in world.Events.Records)
        {
            next = record.RelayAt is { } at && !(at >= next) ? at : next;
        }

        foreach (var container in DocumentContainer.All)
        {
            if (container.Indexed.Contains("dueAt") && world.Documents.NextDue(container) is { } text)
            {
                var at = DateTimeOffset.ParseExact(text, UtcMilliseconds.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
                next = at >= next ? next : at;
            }
        }

        return next;
    }

    private void Pump()
    {
        foreach (var message in world.Queue.ClaimAsync(Queue, 32, Hidden, default).GetAwaiter().GetResult())
        {
            if (world.Faults.Strike(FaultKind.QueueTwice))
            {
                world.Start(() => HandleAsync(message with { Receipt = "0" }));
            }

            world.Start(() => HandleAsync(message));
        }
    }

    private async Task HandleAsync(ClaimedMessage message)
    {
        _handling++;
        var isDone = await world.CallAsync("deliver message", message.Text, instance => instance.Get<EventDelivery>().DeliverAsync(message.Text, default), Hidden);
        _handling--;
        if (isDone || message.DequeueCount >= MaxDequeued)
        {
            await world.Queue.CompleteAsync(message, default);
        }
        else if (await world.Queue.ReturnAsync(message, Again, default))
        {
            Sent(Again);
        }
        else
        {
            Sent(Hidden);
        }
    }
}
