using System.Diagnostics;
using System.Net;
using HdrHistogram;

namespace EventFunctions.Benchmarks.Load;

/// <summary>Sends requests over a fixed number of keep-alive connections, each as soon as the one before is answered.</summary>
internal sealed class LoadGenerator(Uri baseAddress, int connections) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = connections, UseProxy = false })
    {
        BaseAddress = baseAddress,
    };

    /// <summary>Sends for a time.</summary>
    public Task<LoadResult> RunAsync(Func<long, HttpRequestMessage> request, HttpStatusCode expected, TimeSpan duration) =>
        RunAsync(request, expected, (_, elapsed) => elapsed < duration);

    /// <summary>Sends a number of requests.</summary>
    public Task<LoadResult> RunAsync(Func<long, HttpRequestMessage> request, HttpStatusCode expected, long count) =>
        RunAsync(request, expected, (n, _) => n < count);

    /// <summary>Sends at a fixed rate, whatever the answers take; latency counts from when a request was due.</summary>
    public async Task<LoadResult> RunAtRateAsync(
        Func<long, HttpRequestMessage> request, HttpStatusCode expected, double requestsPerSecond, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var due = (long n) => TimeSpan.FromSeconds(n / requestsPerSecond);
        var workers = new Worker[connections];
        var next = -1L;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async i =>
        {
            var worker = workers[i] = new Worker();
            while (true)
            {
                var n = Interlocked.Increment(ref next);
                if (due(n) >= duration)
                {
                    return;
                }

                if (due(n) - clock.Elapsed is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait);
                }

                await SendAsync(worker, request(n), expected, clock, due(n));
            }
        }));
        return LoadResult.Of(workers, clock.Elapsed);
    }

    public void Dispose() => _client.Dispose();

    private async Task<LoadResult> RunAsync(
        Func<long, HttpRequestMessage> request, HttpStatusCode expected, Func<long, TimeSpan, bool> goOn)
    {
        var clock = Stopwatch.StartNew();
        var workers = new Worker[connections];
        var next = -1L;
        await Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(async () =>
        {
            var worker = workers[i] = new Worker();
            while (Interlocked.Increment(ref next) is var n && goOn(n, clock.Elapsed))
            {
                await SendAsync(worker, request(n), expected, clock, clock.Elapsed);
            }
        })));
        return LoadResult.Of(workers, clock.Elapsed);
    }

    private async Task SendAsync(Worker worker, HttpRequestMessage request, HttpStatusCode expected, Stopwatch clock, TimeSpan from)
    {
        using (request)
        using (var response = await _client.SendAsync(request))
        {
            if (response.StatusCode == expected)
            {
                worker.Answered++;
            }
            else
            {
                worker.Failed++;
                worker.Failure ??= $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
            }
        }

        worker.Latencies.RecordValue(Math.Clamp((long)(clock.Elapsed - from).TotalMicroseconds, 1, Worker.MaxMicroseconds));
    }

    internal sealed class Worker
    {
        public const long MaxMicroseconds = 120_000_000;

        public LongHistogram Latencies { get; } = new(MaxMicroseconds, 3);

        public long Answered { get; set; }

        public long Failed { get; set; }

        public string? Failure { get; set; }
    }
}
