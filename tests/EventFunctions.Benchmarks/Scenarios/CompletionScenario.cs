using System.Net;
using System.Text.Json;
using EventFunctions.Benchmarks.Load;
using HdrHistogram;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// The whole way of an event, POST to completed, as its own timeline tells it: first flat out, then at half of the rate
/// that was sustained.
/// </summary>
internal sealed class CompletionScenario(TimeSpan duration, int connections, bool withEntities = false)
{
    private const int PageSize = 1_000;

    public async Task<CompletionResult> RunAsync()
    {
        await using var way = await WholeWay.StartAsync(connections, withEntities: withEntities);
        var flatOut = await way.MeasureAsync(duration);
        var begin = DateTimeOffset.UtcNow;
        await way.MeasureAsync((load, events) => load.RunAtRateAsync(events.Single, HttpStatusCode.Accepted, flatOut.PerSecond / 2, duration));
        var latencies = await ReadAsync(way.Client, begin);
        return new(
            flatOut.Posted.PerSecond,
            flatOut.PerSecond,
            flatOut.CpuPerEvent,
            TimeSpan.FromMilliseconds(latencies.GetValueAtPercentile(50)),
            TimeSpan.FromMilliseconds(latencies.GetValueAtPercentile(99)));
    }

    private static async Task<LongHistogram> ReadAsync(HttpClient client, DateTimeOffset from)
    {
        var latencies = new LongHistogram(LoadGenerator.Worker.MaxMicroseconds, 3);
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
                latencies.RecordValue(Math.Max(1, (long)(completed - recorded).TotalMilliseconds));
            }

            continuation = page.RootElement.TryGetProperty("continuation", out var next) ? next.GetString() : null;
        }
        while (continuation is not null);
        return latencies;
    }
}

/// <summary>What the whole way came to; rates in events per second, processor time of the host per event flat out.</summary>
internal sealed record CompletionResult(double AcceptedRate, double SustainedRate, TimeSpan CpuPerEvent, TimeSpan P50AtHalf, TimeSpan P99AtHalf);
