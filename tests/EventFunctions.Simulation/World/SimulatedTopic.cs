using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Simulation.World;

/// <summary>
/// The Event Grid topic: it takes events, and delivers each at least once to the enrichment, with Event Grid's schedule of retries. What it
/// gives up becomes a dead letter.
/// </summary>
internal sealed class SimulatedTopic(SimulatedWorld world)
{
    // More are counted.
    private const int FreeDeliveries = 20;

    private static readonly TimeSpan[] Delays =
        [.. new[] { 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private static readonly TimeSpan Waits = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lives = TimeSpan.FromHours(24);

    /// <summary>How many deliveries are open.</summary>
    public int Open { get; private set; }

    /// <summary>Takes a publication.</summary>
    public void Take(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        foreach (var encoded in events)
        {
            var notification = Read(encoded);
            world.Judge.Published(notification, encoded);
            if (notification.Type.EndsWith(ReservedNames.EnrichedTypeSuffix, StringComparison.Ordinal) || notification.Type.StartsWith(ReservedNames.OwnTypePrefix, StringComparison.Ordinal))
            {
                continue;
            }

            for (var copies = world.Faults.Strike(FaultKind.TopicTwice) ? 2 : 1; copies > 0; copies--)
            {
                var delay = world.Faults.Strike(FaultKind.TopicLate)
                    ? world.Faults.Chance.Between(TimeSpan.Zero, TimeSpan.FromHours(world.Faults.Chance.Happens(0.2) ? 12 : 0.1))
                    : TimeSpan.FromMilliseconds(world.Faults.Chance.Next(300));
                Open++;
                CheckOpen();
                var published = world.Thread.Now;
                world.Thread.After(delay, () => world.Start(() => DeliverAsync(notification, encoded, published)));
            }
        }
    }

    // An event is published again while a relay does not know that it was.
    private void CheckOpen()
    {
        if (Open > FreeDeliveries)
        {
            var records = world.Events.Records.Count();
            world.Judge.Assert(Open <= FreeDeliveries + (3 * records), $"{records} events have {Open} deliveries of the topic.");
        }
    }

    // As the functions read what Event Grid delivers: its attributes, and not its data, which the judge compares with the frozen one.
    private static EventNotification Read(ReadOnlyMemory<byte> encoded)
    {
        using var sent = JsonDocument.Parse(encoded);
        var key = ExactKey.Read(Text(ReservedNames.KeyAttribute));
        return new EventNotification
        {
            Id = key?.Id ?? Text("id")!,
            Source = key?.Source ?? Text("source")!,
            Type = Text("type")!,
            Subject = Text("subject"),
            DataRef = Text("dataref"),
            TraceParent = Text("traceparent"),
            TraceState = Text("tracestate"),
            Extensions = sent.RootElement.TryGetProperty(ReservedNames.ReplayAttribute, out var replay)
                ? EventNotification.NoExtensions.Add(ReservedNames.ReplayAttribute, new ExtensionValue(ExtensionType.Integer, replay.GetRawText()))
                : EventNotification.NoExtensions,
            Data = Text("type")!.EndsWith(ReservedNames.EnrichedTypeSuffix, StringComparison.Ordinal) && sent.RootElement.TryGetProperty("data", out var data)
                ? EventContent.FromJson(data.GetRawText())
                : null,
        };

        string? Text(string name) => sent.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
    }

    private async Task DeliverAsync(EventNotification notification, ReadOnlyMemory<byte> encoded, DateTimeOffset published)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (world.Faults.Strike(FaultKind.TopicDeadLetter) || world.Thread.Now - published > Lives)
            {
                await GiveUpAsync(notification, encoded, attempt);
                break;
            }

            var delivered = world.CallAsync("deliver", notification.Id, instance => instance.EnrichAsync(notification), Waits);
            if (await delivered)
            {
                break;
            }

            await world.DelayAsync(Delays[Math.Min(attempt, Delays.Length - 1)]);
        }

        Open--;
    }

    // The blob is announced until its letters are recorded.
    private async Task GiveUpAsync(EventNotification notification, ReadOnlyMemory<byte> encoded, int attempts)
    {
        await world.DelayAsync(world.Faults.Chance.Between(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)));
        world.Trace.Add(world.Thread.Now, "topic", "dead letter", notification.Id, "");
        world.Judge.DeadLettered(notification);
        var blob = world.DeadLetters.Write(LetterOf(encoded, attempts));
        while (!await world.CallAsync("record dead letters", blob, instance => instance.RecordDeadLettersAsync(blob), Waits))
        {
            await world.DelayAsync(TimeSpan.FromSeconds(30));
        }
    }

    private byte[] LetterOf(ReadOnlyMemory<byte> encoded, int attempts)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        using (var sent = JsonDocument.Parse(encoded))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            foreach (var member in sent.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }

            writer.WriteString("deadletterreason", "MaxDeliveryAttemptsExceeded");
            writer.WriteNumber("deliveryattempts", attempts);
            writer.WriteString("lastdeliveryattempttime", UtcMilliseconds.Text(world.Thread.Now));
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        return stream.ToArray();
    }
}

/// <summary>The topic as one instance reaches it.</summary>
internal sealed class SimulatedPublisher(SimulatedTopic topic, Network network, Instance caller) : IEventPublisher
{
    public string Topic => "simulated";

    public Task PublishAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken) => network.CallAsync(
        caller,
        "topic",
        "publish",
        events.Count == 1 ? "1 event" : $"{events.Count} events",
        () =>
        {
            topic.Take(events);
            return true;
        },
        static _ => "",
        static message => new PublishException(PublishFailure.Unavailable, message),
        cancellationToken);
}
