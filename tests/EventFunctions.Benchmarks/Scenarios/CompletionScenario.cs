using System.Net;
using System.Text.Json;
using EventFunctions.Benchmarks.Load;
using HdrHistogram;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// The whole way of an event, POST to completed, as its own timeline tells it: first flat out, then at half of the rate
/// that was sustained.
/// </summary>
internal sealed class CompletionScenario(TimeSpan duration, int connections)
{
    private const int PageSize = 1_000;
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(5);

    public async Task<CompletionResult> RunAsync()
    {
        var (accepted, flatOut, cpu) = await MeasureAsync((load, events) =>
            load.RunAsync(events.Single, HttpStatusCode.Accepted, duration));
        var sustained = flatOut.Count / (flatOut.Last - flatOut.First).TotalSeconds;
        var (_, half, _) = await MeasureAsync((load, events) =>
            load.RunAtRateAsync(events.Single, HttpStatusCode.Accepted, sustained / 2, duration));
        return new(
            accepted.PerSecond,
            sustained,
            cpu / flatOut.Count,
            TimeSpan.FromMilliseconds(half.Latencies.GetValueAtPercentile(50)),
            TimeSpan.FromMilliseconds(half.Latencies.GetValueAtPercentile(99)));
    }

    private async Task<(LoadResult Posted, Completions Completed, TimeSpan Cpu)> MeasureAsync(Func<LoadGenerator, SampleEvents, Task<LoadResult>> post)
    {
        using var folder = new DataFolder();
        await using var host = await ChildProcess.StartHostAsync(folder.Path, HostSettings.For(Subscriptions.Enrichment, subscriber: null, folder.Path));
        using var load = new LoadGenerator(host.Address, connections);
        using var client = new HttpClient { BaseAddress = host.Address };
        (await load.RunAsync(new SampleEvents().Single, HttpStatusCode.Accepted, 5_000)).MustBeClean();
        await SettlesAsync(client);
        var begin = DateTimeOffset.UtcNow;
        var used = host.ProcessorTime;
        var posted = (await post(load, new SampleEvents())).MustBeClean();
        await SettlesAsync(client);
        used = host.ProcessorTime - used;
        return (posted, await ReadAsync(client, begin), used);
    }

    private static async Task SettlesAsync(HttpClient client)
    {
        var until = DateTimeOffset.UtcNow + SettleDeadline;
        while (await IsOpenAsync(client, "recorded") || await IsOpenAsync(client, "enriching"))
        {
            if (DateTimeOffset.UtcNow > until)
            {
                throw new TimeoutException($"Events are still open after {SettleDeadline}.");
            }

            await Task.Delay(200);
        }
    }

    private static async Task<bool> IsOpenAsync(HttpClient client, string status)
    {
        using var page = JsonDocument.Parse(await client.GetStringAsync($"/api/events?limit=1&status={status}"));
        return page.RootElement.GetProperty("items").GetArrayLength() > 0;
    }

    private static async Task<Completions> ReadAsync(HttpClient client, DateTimeOffset from)
    {
        var latencies = new LongHistogram(LoadGenerator.Worker.MaxMicroseconds, 3);
        var (first, last) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
        var count = 0;
        var continuation = (string?)null;
        do
        {
            var path = $"/api/events?status=completed&limit={PageSize}&from={Uri.EscapeDataString(from.ToString("O"))}"
                + (continuation is null ? "" : "&continuation=" + Uri.EscapeDataString(continuation));
            using var page = JsonDocument.Parse(await client.GetStringAsync(path));
            foreach (var timeline in page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("timeline")))
            {
                var recorded = timeline[0].GetProperty("at").GetDateTimeOffset();
                var completed = timeline.EnumerateArray().Last().GetProperty("at").GetDateTimeOffset();
                (first, last) = (recorded < first ? recorded : first, completed > last ? completed : last);
                latencies.RecordValue(Math.Max(1, (long)(completed - recorded).TotalMilliseconds));
                count++;
            }

            continuation = page.RootElement.TryGetProperty("continuation", out var next) ? next.GetString() : null;
        }
        while (continuation is not null);
        return new(count, first, last, latencies);
    }

    private sealed record Completions(int Count, DateTimeOffset First, DateTimeOffset Last, LongHistogram Latencies);
}

/// <summary>What the whole way came to; rates in events per second, processor time of the host per event flat out.</summary>
internal sealed record CompletionResult(double AcceptedRate, double SustainedRate, TimeSpan CpuPerEvent, TimeSpan P50AtHalf, TimeSpan P99AtHalf);
