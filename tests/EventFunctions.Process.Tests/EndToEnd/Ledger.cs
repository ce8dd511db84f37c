using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>
/// Posts events without pause, some of them in batches, each again until it is accepted, and remembers which were: what
/// the service must account for in the end. Of ten events one is about something that the producer has deleted.
/// </summary>
internal sealed class Ledger(Uri host, string source) : IDisposable
{
    private const int EventsPerBatch = 5;

    // A post is sent again; a read is not, and a machine that is busy with kills may be slow.
    private static readonly TimeSpan PostTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client = new() { BaseAddress = host, Timeout = PostTimeout };
    private readonly HttpClient _reader = new() { BaseAddress = host, Timeout = ReadTimeout };
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>The IDs of the events that got a 202; each event's subject is its ID.</summary>
    public ICollection<string> Accepted => _accepted.Keys;

    /// <summary>How an event ends.</summary>
    /// <param name="id">Its ID.</param>
    public static string FinalStatus(string id) => id.StartsWith(StubProducer.Gone, StringComparison.Ordinal) ? "failed" : "completed";

    /// <summary>Posts over some connections at once until it is told to stop; every second one posts batches.</summary>
    public Task PostAsync(int connections, CancellationToken stop, CancellationToken giveUp) =>
        Task.WhenAll(Enumerable.Range(0, connections).Select(connection => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await PostAsync(connection % 2 == 0 ? 1 : EventsPerBatch, giveUp);
                }
            },
            giveUp)));

    /// <summary>Posts one event, or a batch of several, until it is accepted.</summary>
    public async Task PostAsync(int events, CancellationToken giveUp)
    {
        var last = Interlocked.Add(ref _next, events);
        var ids = Enumerable.Range(last - events + 1, events)
            .Select(n => string.Create(CultureInfo.InvariantCulture, $"{(n % 10 == 0 ? StubProducer.Gone : "event-")}{n}"))
            .ToArray();
        await PostUntilAcceptedAsync(ids, giveUp);
        foreach (var id in ids)
        {
            _accepted[id] = true;
        }
    }

    /// <summary>All records, by ID with their JSON, read through the list; fails when one comes twice.</summary>
    public async Task<Dictionary<string, JsonElement>> ReadAllAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var continuation = (string?)null;
        do
        {
            var path = "/api/events?limit=1000" + (continuation is null ? "" : "&continuation=" + Uri.EscapeDataString(continuation));
            using var page = JsonDocument.Parse(await _reader.GetStringAsync(path, cancellationToken));
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                Assert.True(all.TryAdd(item.GetProperty("id").GetString()!, item.Clone()), $"{item} is listed twice.");
            }

            continuation = page.RootElement.TryGetProperty("continuation", out var next) ? next.GetString() : null;
        }
        while (continuation is not null);
        return all;
    }

    /// <summary>The full data of an event, as the service gives it out.</summary>
    public Task<string> ReadDataAsync(string id, CancellationToken cancellationToken) =>
        _reader.GetStringAsync($"/api/events/{id}/data?source={Uri.EscapeDataString(source)}", cancellationToken);

    /// <summary>Waits until nothing is open any more.</summary>
    public async Task SettlesAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        var until = DateTimeOffset.UtcNow + deadline;
        while (true)
        {
            var open = (await FirstOpenAsync("recorded", cancellationToken)) ?? (await FirstOpenAsync("enriching", cancellationToken));
            if (open is null)
            {
                return;
            }

            Assert.True(DateTimeOffset.UtcNow < until, $"Still open after {deadline}: {open}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    public void Dispose()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"Accepted {_accepted.Count} events.");
        _client.Dispose();
        _reader.Dispose();
    }

    private async Task<string?> FirstOpenAsync(string status, CancellationToken cancellationToken)
    {
        using var page = JsonDocument.Parse(await _reader.GetStringAsync($"/api/events?limit=1&status={status}", cancellationToken));
        return page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).FirstOrDefault();
    }

    private async Task PostUntilAcceptedAsync(string[] ids, CancellationToken giveUp)
    {
        var events = ids.Select(id => $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"thing.changed","subject":"{{id}}"}""");
        var (body, mediaType) = ids.Length == 1
            ? (events.Single(), "application/cloudevents+json")
            : ($"[{string.Join(',', events)}]", "application/cloudevents-batch+json");
        while (true)
        {
            try
            {
                using var content = new StringContent(body, new MediaTypeHeaderValue(mediaType));
                using var response = await _client.PostAsync("/api/events", content, giveUp);
                if (response.StatusCode == HttpStatusCode.Accepted)
                {
                    return;
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                // The host was killed, or is not up again yet: whether the event was recorded is unknown, so it is sent again.
                await Task.Delay(TimeSpan.FromMilliseconds(20), giveUp);
            }
            catch (TaskCanceledException) when (!giveUp.IsCancellationRequested)
            {
            }
        }
    }
}
