using System.Diagnostics;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>What is known of entities: kept as events come, in the batches and documents that the embedded host hands on, and rebuilt.</summary>
internal sealed class EntityScenario(int events, int entities)
{
    private const int BatchSize = 500;

    public async Task<EntityResult> RunAsync()
    {
        using var folder = new DataFolder();
        var time = new ShiftedTime();
        await using var services = Services(folder, time);
        var store = services.GetRequiredService<IEventStore>();
        foreach (var batch in Enumerable.Range(0, events).Select(Record).Chunk(1_000))
        {
            await store.CreateAsync(batch, default);
        }

        var clock = Stopwatch.StartNew();
        await ProjectAsync(store, services.GetRequiredService<RecordedChanges>());
        var projected = clock.Elapsed;

        var rebuild = services.GetRequiredService<EntityRebuild>();
        clock.Restart();
        await rebuild.BeginAsync(default);
        await ContinueUntilAsync(services, state => state.Current == 2);
        var rebuilt = clock.Elapsed;

        time.Shift = TimeSpan.FromMinutes(3);
        clock.Restart();
        await ContinueUntilAsync(services, state => state.Rebuild is null);
        return new(events / projected.TotalSeconds, rebuilt, clock.Elapsed);
    }

    private EventRecord Record(int number)
    {
        var now = DateTimeOffset.UtcNow;
        var (source, subject) = ("/insurance/policies", $"policy-{number % entities}");
        return new EventRecord
        {
            Event = new EventNotification
            {
                Id = Guid.NewGuid().ToString(),
                Source = source,
                Type = number % 3 == 0 ? "policy.renewed" : "policy.changed",
                Subject = subject,
                Time = UtcMilliseconds.Text(now),
                Data = EventContent.FromJson("""{"premium":123.45,"reason":"renewal"}"""),
            },
            Producer = "policies",
            Entity = new EntityKey(source, subject),
            Fingerprint = new string('a', 64),
            RecordedAt = now,
            Status = EventStatus.Completed,
            Timeline = [new(now, TimelineStep.Recorded), new(now, TimelineStep.Fetched), new(now, TimelineStep.Completed)],
        };
    }

    private static async Task ProjectAsync(IEventStore store, RecordedChanges changes)
    {
        var page = await store.ReadChangesAsync(null, BatchSize, default);
        while (page.Items.Count > 0)
        {
            await changes.TakeAsync([.. page.Items.Select(record => JsonElement.Parse(DocumentJson.Write(record)))], default);
            page = await store.ReadChangesAsync(page.Cursor, BatchSize, default);
        }
    }

    private static async Task ContinueUntilAsync(ServiceProvider services, Func<EntityGenerations, bool> reached)
    {
        var generations = services.GetRequiredService<EntityGenerationStore>();
        while (!reached((await generations.ReadAsync(default)).State))
        {
            await services.GetRequiredService<EntityRebuild>().ContinueAsync(default);
        }
    }

    private static ServiceProvider Services(DataFolder folder, TimeProvider time)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Sqlite",
                ["Sqlite:Path"] = Path.Combine(folder.Path, "events.db"),
                ["Entities:MaxConcurrentWrites"] = "1000",
                ["Producers:policies:name"] = "policies",
                ["Producers:policies:source"] = "/insurance/policies",
            })
            .Build();
        return new ServiceCollection().AddLogging().AddSingleton(time).AddEventFunctions(settings).BuildServiceProvider();
    }

    // So that what settles for minutes need not be waited for.
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}

/// <summary>Events projected a second, and how long a rebuild took until it was read, and until the old generation was gone.</summary>
internal sealed record EntityResult(double ProjectedRate, TimeSpan Rebuilt, TimeSpan Removed);
