using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.CloudEvents;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Records;

namespace EventFunctions.Local.Demo;

/// <summary>What the producer does when an event's full data is fetched.</summary>
public enum Mishap
{
    /// <summary>It answers.</summary>
    None,

    /// <summary>It takes its time.</summary>
    Slow,

    /// <summary>It is unavailable once, then answers.</summary>
    Flaky,

    /// <summary>It does not have the data.</summary>
    Missing,

    /// <summary>It sends more than the service takes.</summary>
    TooLarge,
}

/// <summary>An event of the demo, and its planned outcome.</summary>
/// <param name="Id">Its <c>id</c>.</param>
/// <param name="Type">Its <c>type</c>.</param>
/// <param name="Number">The policy it is about.</param>
/// <param name="Mishap">What the producer does.</param>
/// <param name="Repeats">How often it is sent again as it is.</param>
/// <param name="Conflicts">Whether it is sent once more with other content.</param>
public sealed record PlannedEvent(string Id, string Type, long Number, Mishap Mishap, int Repeats, bool Conflicts)
{
    /// <summary>Its <c>subject</c>.</summary>
    public string Subject => PolicyDocument.Subject(Number);

    /// <summary>Who it is.</summary>
    public EventKey Key => new(SampleProducers.Source, Id);

    /// <summary>The status it must end in.</summary>
    public string ExpectedStatus => Mishap is Mishap.Missing or Mishap.TooLarge ? "failed" : "completed";

    /// <summary>The reason it must end with.</summary>
    public string? ExpectedReason => Mishap switch
    {
        Mishap.Missing => FailureReason.DataNotFound,
        Mishap.TooLarge => FailureReason.TooLarge,
        _ => null,
    };

    /// <summary>The notification, as its producer sends it.</summary>
    /// <param name="note">The payload: another one makes other content.</param>
    public DemoEvent Notification(string note) => new(Id, SampleProducers.Source, Type, Subject, new JsonObject { ["note"] = note });
}

/// <summary>All events of a demo, the same for the same count and seed.</summary>
/// <param name="Events">The events, in the order of sending.</param>
public sealed record DemoPlan(IReadOnlyList<PlannedEvent> Events)
{
    // Each mishap has its own range of policy numbers, so that a few rules tell the producer all.
    private const long NumbersPerMishap = 10_000_000;

    private const int SlowMs = 300;
    private const int TooManyBytes = 2_000_000;

    /// <summary>Makes a plan: of each hundred events three meet a slow producer, two a flaky one, two missing data, one too much of it; five are repeated and two contradicted.</summary>
    /// <param name="count">How many events.</param>
    /// <param name="seed">The seed.</param>
    public static DemoPlan Create(int count, int seed)
    {
        var random = new Random(seed);
        var planned = new PlannedEvent[count];
        for (var i = 0; i < count; i++)
        {
            // From the place and not from the dice, so that even a short demo has some of each.
            var mishap = (i % 100) switch
            {
                3 or 33 or 63 => Mishap.Slow,
                5 or 55 => Mishap.Flaky,
                7 or 57 => Mishap.Missing,
                9 => Mishap.TooLarge,
                _ => Mishap.None,
            };
            planned[i] = new PlannedEvent(
                string.Create(CultureInfo.InvariantCulture, $"demo-{seed}-{i:D7}"),
                SampleProducers.Types[random.Next(SampleProducers.Types.Count)],
                First(mishap) + i,
                mishap,
                Repeats: i % 20 == 1 ? 1 + random.Next(3) : 0,
                Conflicts: i % 50 == 2);
        }

        random.Shuffle(planned);
        return new DemoPlan(planned);
    }

    /// <summary>The producer's rules for the plan, in JSON.</summary>
    public static byte[] Rules() => JsonSerializer.SerializeToUtf8Bytes<ProducerRule[]>(
        [
            Range(Mishap.Slow, new ProducerRule { DelayMs = SlowMs }),
            Range(Mishap.Flaky, new ProducerRule { Failures = 1 }),
            Range(Mishap.Missing, new ProducerRule { FailAlways = true, Status = 404 }),
            Range(Mishap.TooLarge, new ProducerRule { Bytes = TooManyBytes }),
        ],
        ProducerRule.Json);

    private static long First(Mishap mishap) => NumbersPerMishap * (1 + (long)mishap);

    private static ProducerRule Range(Mishap mishap, ProducerRule rule) =>
        rule with { From = First(mishap), To = First(mishap) + NumbersPerMishap - 1 };
}
