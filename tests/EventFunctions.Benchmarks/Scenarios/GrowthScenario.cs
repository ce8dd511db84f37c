using System.Diagnostics;
using EventFunctions.Monitoring;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>What operators and timers read, while the embedded store grows: one event in a hundred failed, for one of five reasons.</summary>
internal sealed class GrowthScenario(IReadOnlyList<int> sizes)
{
    private const int Repetitions = 21;

    public async Task<IReadOnlyList<GrowthResult>> RunAsync()
    {
        using var folder = new DataFolder();
        await using var filled = new FilledStore(folder);
        var store = filled.Services.GetRequiredService<IEventStore>();
        var watch = filled.Services.GetRequiredService<ProducerWatch>();
        var results = new List<GrowthResult>();
        foreach (var size in sizes)
        {
            await filled.FillAsync(size);
            var middle = filled.Begin.AddMilliseconds(size / 2);
            results.Add(new(size, new Dictionary<string, TimeSpan>
            {
                ["newest 100"] = await MedianAsync(() => store.ListAsync(new EventQuery(), default)),
                ["by source and type, from the middle"] = await MedianAsync(() => store.ListAsync(new EventQuery { Source = FilledStore.Source, Type = FilledStore.Watched, To = middle }, default)),
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
}

/// <summary>The median time of each read at one size of the store.</summary>
internal sealed record GrowthResult(int Size, IReadOnlyDictionary<string, TimeSpan> Reads);
