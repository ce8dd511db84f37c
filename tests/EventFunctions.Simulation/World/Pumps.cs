using System.Globalization;
using EventFunctions.Monitoring;
using EventFunctions.Records;
using EventFunctions.Simulation.Machine;
using EventFunctions.Storage;
using EventFunctions.Ticks;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Simulation.World;

/// <summary>
/// The platform's triggers: the timer of the tick, and the queue. Most minutes in which nothing is due have no tick, so that a simulated day
/// costs little.
/// </summary>
internal sealed class Pumps(SimulatedWorld world)
{
    private const string Queue = EventDelivery.Queue;
    private const int MaxDequeued = 100;

    // More are counted.
    private const int FreeMessages = 20;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(4);
    private static readonly TimeSpan TickTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private bool _changed;
    private bool _ticking;
    private int _handling;
    private int _idleTicks;
    private int _ticksOffTime;
    private TimeSpan _pause = Minute;
    private TimeSpan _rest = Minute;
    private DueWork? _timer;
    private DateTimeOffset _last = world.Thread.Now;

    /// <summary>Whether nothing is due now or later, and nothing is being done.</summary>
    public bool IsIdle => _idleTicks >= 3 && !_ticking && _handling == 0 && world.Topic.Open == 0 && world.Queue.CountOf(Queue) == 0 && NextDue() is null
        && world.Producers.Unread(world.Judge.IsAccepted) == 0 && !world.Documents.All(DocumentContainer.State).Any(IsUnpublished);

    /// <summary>Whether a document is of a monitor whose notice is not published yet.</summary>
    public static bool IsUnpublished(StoredDocument document) =>
        document.Partition.StartsWith("monitor-", StringComparison.Ordinal) && MonitorDocuments.Read(document).Pending is not null;

    public void Changed()
    {
        (_changed, _pause, _idleTicks) = (true, Minute, 0);
        TickAt(world.Thread.Now + Minute);
    }

    /// <summary>
    /// A message was sent. A delivery has one, and one more if another was lost or late. While a clock is ahead, all deliveries look late to
    /// each tick, and the messages for the time that it thinks it is stay hidden until then.
    /// </summary>
    public void Sent(TimeSpan delay)
    {
        world.Thread.After(delay, Pump);
        if (world.Queue.CountOf(Queue) is var messages and > FreeMessages)
        {
            var deliveries = world.Documents.All(DocumentContainer.Deliveries).Count();
            world.Judge.Assert(messages <= FreeMessages + ((2 + _ticksOffTime) * deliveries), $"{deliveries} deliveries have {messages} messages.");
        }
    }

    /// <summary>Ends the ticks.</summary>
    public void Stop()
    {
        _timer?.Cancel();
        _ticking = true;
    }

    public void Start() => TickAt(world.Thread.Now + Minute);

    /// <summary>Describes what is due.</summary>
    public string Describe()
    {
        var records = world.Events.Records.Where(record => record.RelayAt is not null).Select(record => $"{record.Key.Id} {record.Status} relayAt {record.RelayAt:O}");
        var documents = DocumentContainer.All.Where(container => container.Indexed.Contains("dueAt"))
            .Select(container => (container.Name, Due: world.Documents.NextDue(container))).Where(one => one.Due is not null).Select(one => $"{one.Name} dueAt {one.Due}");
        return $"{string.Join(", ", records.Concat(documents))}; {world.Topic.Open} deliveries of the topic, {world.Queue.CountOf(Queue)} messages, "
            + $"{world.Producers.Unread(world.Judge.IsAccepted)} unread events of feeds, ticking {_ticking}, handling {_handling}.";
    }

    // Whatever is due is looked at no later than then.
    private void TickAt(DateTimeOffset time)
    {
        if (!_ticking && !(_timer?.Due <= time.Ticks))
        {
            _timer?.Cancel();
            _timer = world.Thread.After(time - world.Thread.Now, Look);
        }
    }

    private void Look()
    {
        _timer = null;

        // What is due and was not done: the clock of the instance may have been behind.
        var due = world.Producers.Unread(world.Judge.IsAccepted) > 0 ? _last : NextDue();
        var (soonest, latest) = (_last + _pause, _last + _rest);
        var next = !(due < latest) ? latest : due > soonest ? due.Value : soonest;
        if (world.Thread.Now < next)
        {
            TickAt(next);
            return;
        }

        (_ticking, _changed, _last) = (true, false, world.Thread.Now);
        _ticksOffTime += world.Living.Any(instance => instance.Clock.Offset.Duration() > Hidden) ? 1 : 0;
        world.Start(TickAsync);
    }

    private async Task TickAsync()
    {
        await world.CallAsync(Trace.Tick, "", instance => instance.Get<ServiceTick>().RunAsync(instance.Stopping), TickTimeout);
        (_ticking, _rest) = (false, world.Faults.Chance.Between(Minute, LongestRest));
        if (!_changed)
        {
            _pause = _pause + _pause < LongestPause ? _pause + _pause : LongestPause;
            _idleTicks++;
        }

        TickAt(world.Thread.Now + Minute);
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
        var isDone = await world.CallAsync("deliver message", message.Text, instance => instance.Get<EventDelivery>().DeliverAsync(message.Text, instance.Stopping), Hidden);
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
