using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventFunctions.Benchmarks.Load;
using HdrHistogram;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// Events that every one of many webhooks wants, posted at a steady rate: how many deliveries a second reach the customers, and
/// how long one takes from the event's POST to the customer. One customer may hang: it answers nobody.
/// </summary>
internal sealed class WebhookScenario(int webhooks, int events, double eventsPerSecond, bool oneHangs)
{
    private const string AdministratorKey = "key-of-the-measured-administrator";
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(20);

    public async Task<WebhookResult> RunAsync()
    {
        using var folder = new DataFolder();
        await using var customers = await Customers.StartAsync(oneHangs ? 0 : -1);
        await using var host = await ChildProcess.StartHostAsync(
            folder.Path,
            new Dictionary<string, string>(HostSettings.For(Subscriptions.Enrichment, subscriber: null, folder.Path))
            {
                ["Administration__Key"] = AdministratorKey,
                ["Webhooks__AllowedNetworks__measured"] = "127.0.0.0/8",
            });
        using var client = new HttpClient { BaseAddress = host.Address };
        client.DefaultRequestHeaders.Add("x-admin-key", AdministratorKey);
        for (var webhook = 0; webhook < webhooks; webhook++)
        {
            using var content = new StringContent(
                $$"""{"url":"{{customers.Address}}{{webhook}}","events":"thin","maxPerSecond":1000}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var put = await client.PutAsync($"/api/webhooks/w{webhook}", content);
            put.EnsureSuccessStatusCode();
        }

        var sample = new SampleEvents();
        var clock = Stopwatch.StartNew();
        var perEvent = oneHangs ? webhooks - 1 : webhooks;
        var backlog = 0L;
        for (var n = 0; n < events; n++)
        {
            var wait = TimeSpan.FromSeconds(n / eventsPerSecond) - clock.Elapsed;
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            using var request = sample.Single(n);
            backlog = Math.Max(backlog, ((long)n * perEvent) - customers.Received);
            customers.Posted(await IdAsync(request));
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.Accepted)
            {
                throw new InvalidOperationException($"An event was answered {(int)answer.StatusCode}.");
            }
        }

        var expected = (long)events * perEvent;
        while (customers.Received < expected)
        {
            if (clock.Elapsed > Deadline)
            {
                throw new TimeoutException($"{customers.Received} of {expected} deliveries came within {Deadline}.");
            }

            await Task.Delay(50);
        }

        var elapsed = clock.Elapsed;
        return new(
            expected / elapsed.TotalSeconds,
            TimeSpan.FromMilliseconds(customers.Latencies.GetValueAtPercentile(50)),
            TimeSpan.FromMilliseconds(customers.Latencies.GetValueAtPercentile(99)),
            backlog,
            customers.Received - expected,
            host.ProcessorTime / expected,
            host.PeakMemory);
    }

    private static async Task<string> IdAsync(HttpRequestMessage request)
    {
        using var body = JsonDocument.Parse(await request.Content!.ReadAsByteArrayAsync());
        return body.RootElement.GetProperty("id").GetString()!;
    }

    // All customers on one server, told apart by path.
    private sealed class Customers(WebApplication app, int hanging) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, long> _posted = new(StringComparer.Ordinal);
        private long _received;

        public LongConcurrentHistogram Latencies { get; } = new(1, TimeSpan.TicksPerHour / TimeSpan.TicksPerMillisecond, 3);

        public long Received => Interlocked.Read(ref _received);

        public Uri Address => new(app.Urls.Single());

        public static async Task<Customers> StartAsync(int hanging)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var customers = new Customers(app, hanging);
            app.MapPost("/{webhook:int}", (Delegate)customers.TakeAsync);
            await app.StartAsync();
            return customers;
        }

        public void Posted(string id) => _posted[id] = Stopwatch.GetTimestamp();

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task<IResult> TakeAsync(int webhook, HttpRequest request, CancellationToken cancellationToken)
        {
            if (webhook == hanging)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
                return Results.Empty;
            }

            using var body = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellationToken);
            if (_posted.TryGetValue(body.RootElement.GetProperty("id").GetString()!, out var at))
            {
                Latencies.RecordValue(Math.Max(1, (long)Stopwatch.GetElapsedTime(at).TotalMilliseconds));
                Interlocked.Increment(ref _received);
            }

            return Results.NoContent();
        }
    }
}

/// <summary>What the deliveries came to; latencies from the event's POST to the customer, the most that was under way when an event was posted, repeats beside one for each.</summary>
internal sealed record WebhookResult(double PerSecond, TimeSpan P50, TimeSpan P99, long Backlog, long Repeats, TimeSpan CpuPerDelivery, long PeakMemory);
