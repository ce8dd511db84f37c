using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Entities;
using EventFunctions.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>Links events of many entities in the embedded store, then reads one entity and the first page of the list.</summary>
internal sealed class EntityScenario(int events, int entities)
{
    private const int MaxConcurrency = 500;
    private const int PageSize = 20;

    public async Task<EntityResult> RunAsync()
    {
        using var folder = new DataFolder();
        await using var services = Services(folder);
        var links = services.GetRequiredService<EntityLinks>();
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, events),
            new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency },
            async (number, token) => await links.WriteAsync(Record(number), 0, null, token));
        var linked = clock.Elapsed;

        var lookup = services.GetRequiredService<EntityLookup>();
        clock.Restart();
        await lookup.ReadAsync(Record(0).Entity!.Value, null, default);
        var read = clock.Elapsed;

        clock.Restart();
        await lookup.ListAsync(null, null, PageSize, null, default);
        return new(events / linked.TotalSeconds, read, clock.Elapsed);
    }

    private EventRecord Record(int number)
    {
        var at = DateTimeOffset.UnixEpoch.AddSeconds(number);
        var (source, subject) = ("/insurance/policies", $"policy-{number % entities}");
        return new EventRecord
        {
            Event = new EventNotification
            {
                Id = $"event-{number}",
                Source = source,
                Type = number % 3 == 0 ? "policy.renewed" : "policy.changed",
                Subject = subject,
                Time = UtcMilliseconds.Text(at),
            },
            Producer = "policies",
            Entity = new EntityKey(source, subject),
            Linked = true,
            Fingerprint = new string('a', 64),
            RecordedAt = at,
            Status = EventStatus.Completed,
            Timeline = [],
        };
    }

    private static ServiceProvider Services(DataFolder folder)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Store"] = "Sqlite", ["Sqlite:Path"] = Path.Combine(folder.Path, "events.db") })
            .Build();
        return new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddEventFunctions(settings).BuildServiceProvider();
    }
}

/// <summary>Events linked a second, and how long it took to read an entity and the first page of the list.</summary>
internal sealed record EntityResult(double LinkedRate, TimeSpan Read, TimeSpan Listed);
