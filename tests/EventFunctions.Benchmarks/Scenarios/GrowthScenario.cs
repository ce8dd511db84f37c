using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFunctions.Events;
using EventFunctions.Events.Documents;
using EventFunctions.Ports;
using EventFunctions.Preparation;
using EventFunctions.Preparation.Monitoring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>What operators and timers read, while the embedded store grows: one event in a hundred failed, for one of five reasons.</summary>
internal sealed class GrowthScenario(IReadOnlyList<int> sizes)
{
    private const int Repetitions = 21;
    private const int FailedOneIn = 100;
    private const string Source = "/insurance/policies";
    private const string Watched = "policy.renewed";

    private static readonly string[] Reasons =
        [FailureReason.DataNotFound, FailureReason.AccessDenied, FailureReason.InvalidContent, FailureReason.SchemaViolation, FailureReason.OutsideBaseUrl];

    public async Task<IReadOnlyList<GrowthResult>> RunAsync()
    {
        using var folder = new DataFolder();
        await using var services = Services(folder);
        var store = services.GetRequiredService<IEventStore>();
        var watch = services.GetRequiredService<ProducerWatch>();
        var begin = DateTimeOffset.UtcNow.AddDays(-30);
        var results = new List<GrowthResult>();
        var next = 0;
        foreach (var size in sizes)
        {
            foreach (var batch in Enumerable.Range(next, size - next).Select(n => Record(n, begin.AddMilliseconds(n))).Chunk(1_000))
            {
                await store.CreateAsync(batch, default);
            }

            next = size;
            var middle = begin.AddMilliseconds(size / 2);
            var latest = await store.ListAsync(new EventQuery { Type = Watched, Limit = 1 }, default);
            await services.GetRequiredService<RecordedChanges>().TakeAsync([.. latest.Items.Select(record => JsonElement.Parse(DocumentJson.Write(record)))], default);
            results.Add(new(size, new Dictionary<string, TimeSpan>
            {
                ["newest 100"] = await MedianAsync(() => store.ListAsync(new EventQuery(), default)),
                ["by source and type, from the middle"] = await MedianAsync(() => store.ListAsync(new EventQuery { Source = Source, Type = Watched, To = middle }, default)),
                ["by subject"] = await MedianAsync(() => store.ListAsync(new EventQuery { Subject = $"policy-{size / 3 % 10_000}", Limit = 20 }, default)),
                ["newest 100 failures"] = await MedianAsync(() => store.ListAsync(new EventQuery { Status = EventStatus.Failure }, default)),
                ["failures in groups"] = await MedianAsync(() => store.ReadFailuresAsync(dismissed: false, default)),
                ["due for the relay"] = await MedianAsync(() => store.ReadDueAsync(DateTimeOffset.UtcNow, 500, default)),
                ["monitoring"] = await MedianAsync(async () =>
                {
                    await watch.LookAsync(default);
                    return true;
                }),
            }));
        }

        return results;
    }

    private static EventRecord Record(int number, DateTimeOffset at)
    {
        var failed = number % FailedOneIn == 0;
        var subject = $"policy-{number % 10_000}";
        return new EventRecord
        {
            Event = new EventNotification
            {
                Id = number.ToString(CultureInfo.InvariantCulture),
                Source = Source,
                Type = number % 3 == 0 ? Watched : "policy.changed",
                Subject = subject,
                Time = UtcMilliseconds.Text(at),
                Data = EventContent.FromJson("""{"premium":123.45,"reason":"renewal"}"""),
            },
            Producer = "policies",
            Entity = new EntityKey(Source, subject),
            Fingerprint = new string('a', 64),
            RecordedAt = at,
            Status = failed ? EventStatus.Failed : EventStatus.Completed,
            Reason = failed ? Reasons[number / FailedOneIn % Reasons.Length] : null,
            Timeline = [new(at, TimelineStep.Recorded), new(at, failed ? TimelineStep.Failed : TimelineStep.Completed)],
        };
    }

    private static async Task<TimeSpan> MedianAsync<T>(Func<Task<T>> read)
    {
        var times = new List<TimeSpan>();
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var clock = Stopwatch.StartNew();
            await read();
            times.Add(clock.Elapsed);
        }

        return times.Order().ElementAt(Repetitions / 2);
    }

    private static ServiceProvider Services(DataFolder folder)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Sqlite",
                ["Sqlite:Path"] = Path.Combine(folder.Path, "events.db"),
                ["EventGrid:Endpoint"] = "http://localhost/api/events",
                ["EventGrid:Key"] = "nothing-is-published",
                ["Producers:policies:name"] = "policies",
                ["Producers:policies:source"] = Source,
                [$"Producers:policies:types:{Watched}:expectEvery"] = "31.00:00:00",
            })
            .Build();
        return new ServiceCollection().AddLogging().AddEventFunctions(settings).BuildServiceProvider();
    }
}

/// <summary>The median time of each read at one size of the store.</summary>
internal sealed record GrowthResult(int Size, IReadOnlyDictionary<string, TimeSpan> Reads);
