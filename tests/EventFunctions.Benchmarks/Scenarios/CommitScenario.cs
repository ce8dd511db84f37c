using System.Diagnostics;
using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// What the embedded store alone costs an event, without HTTP, while it grows: recording it, and its whole way (record, read, full data, link,
/// completion), by many callers at once.
/// </summary>
internal sealed class CommitScenario(IReadOnlyList<int> sizes, int callers, TimeSpan duration, bool randomIds)
{
    private static readonly EventContent Fetched = EventContent.FromJson('[' + string.Join(',', Enumerable.Repeat("""{"peril":"fire","limit":{"amount":155000,"currency":"CHF"},"worldwide":false}""", 12)) + ']');

    private long _next;

    public async Task<IReadOnlyList<CommitResult>> RunAsync()
    {
        using var folder = new DataFolder();
        await using var filled = new FilledStore(folder);
        var store = filled.Services.GetRequiredService<IEventStore>();
        var links = filled.Services.GetRequiredService<EntityLinks>();
        await MeasureAsync(() => WholeWayAsync(store, links));
        var results = new List<CommitResult>();
        foreach (var size in sizes)
        {
            await filled.FillAsync(size);
            results.Add(new(size, await MeasureAsync(() => store.CreateAsync([Record()], default)), await MeasureAsync(() => WholeWayAsync(store, links))));
        }

        return results;
    }

    private async Task WholeWayAsync(IEventStore store, EntityLinks links)
    {
        var record = Record();
        await store.CreateAsync([record], default);
        var read = await store.ReadAsync(record.Key, default);
        var now = DateTimeOffset.UtcNow;
        await store.CreateDataAsync(Data(record, now), default);
        await links.WriteAsync(read!, 0, null, default);
        await store.PatchAsync(
            record.Key,
            RecordPatch.Completed(
                0,
                [
                    new(now, TimelineStep.Delivered) { Attempt = 1, TraceId = Trace },
                    new(now, TimelineStep.Fetched) { Detail = "http://127.0.0.1:5000/producer/policies/policy-1", TraceId = Trace },
                    new(now, TimelineStep.Completed) { Attempt = 1, TraceId = Trace },
                ],
                null),
            default);
    }

    private async Task<CommitCost> MeasureAsync(Func<Task> one)
    {
        var used = Environment.CpuUsage.TotalTime;
        var writer = WriterTime();
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var count = 0;
            while (clock.Elapsed < duration)
            {
                await one();
                count++;
            }

            return count;
        })));
        var events = counts.Sum();
        return new(events / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - used) / events, (WriterTime() - writer) / events);
    }

    // As Linux counts it, in hundredths of a second; zero elsewhere.
    private static TimeSpan WriterTime()
    {
        var time = TimeSpan.Zero;
        foreach (var thread in Directory.Exists("/proc/self/task") ? Directory.GetDirectories("/proc/self/task") : [])
        {
            // Other threads come and go meanwhile.
            if (TryRead(Path.Combine(thread, "stat")) is { } stat && stat.Contains("(Writer of event", StringComparison.Ordinal))
            {
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                time += TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
            }
        }

        return time;
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private EventRecord Record()
    {
        var number = Interlocked.Increment(ref _next);
        var at = DateTimeOffset.UtcNow;
        var subject = string.Create(CultureInfo.InvariantCulture, $"policy-{number * 7 % 100_000}");
        return new EventRecord
        {
            Event = new EventNotification
            {
                Id = randomIds ? Guid.NewGuid().ToString() : string.Create(CultureInfo.InvariantCulture, $"{at.ToUnixTimeMilliseconds()}-{number:D9}"),
                Source = FilledStore.Source,
                Type = "policy.changed",
                Subject = subject,
                Time = UtcMilliseconds.Text(at),
                DataContentType = "application/json",
                Data = EventContent.FromJson("""{"effectiveDate":"2026-12-01","premium":{"amount":512.40,"currency":"EUR"},"reason":"annual renewal","agent":"A-17"}"""),
            },
            Producer = "policies",
            Entity = new EntityKey(FilledStore.Source, subject),
            Linked = true,
            Fingerprint = "1:" + new string('a', 64),
            RecordedAt = at,
            RelayAt = at.AddSeconds(30),
            Status = EventStatus.Recorded,
            Timeline = [new(at, TimelineStep.Recorded) { TraceId = Trace, TraceParent = $"00-{Trace}-c0f61913ea64516b-00" }],
        };
    }

    private static FullData Data(EventRecord record, DateTimeOffset now) => new()
    {
        Key = record.Key,
        Run = 0,
        Type = record.Event.Type,
        Subject = record.Event.Subject,
        TraceParent = $"00-{Trace}-c0f61913ea64516b-00",
        FetchedAt = now,
        Url = "http://127.0.0.1:5000/producer/policies/policy-1?event=1",
        ContentType = "application/json",
        ETag = "\"1-1\"",
        Content = Fetched,
    };
}

/// <summary>What the store cost at one size.</summary>
internal sealed record CommitResult(int Size, CommitCost Recording, CommitCost WholeWay);

/// <summary>Events a second, and the processor time of one: in the process, and in its writer's thread alone.</summary>
internal sealed record CommitCost(double PerSecond, TimeSpan Cpu, TimeSpan Writer);
