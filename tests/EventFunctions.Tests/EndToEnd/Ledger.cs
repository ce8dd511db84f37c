using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>
/// Posts events one after the other without pause, each again until it is accepted, and remembers which were: what the
/// service must account for in the end.
/// </summary>
internal sealed class Ledger(Uri host, string source) : IDisposable
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client = new() { BaseAddress = host, Timeout = RequestTimeout };
    private readonly ConcurrentDictionary<string, bool> _accepted = new(StringComparer.Ordinal);
    private int _next;

    /// <summary>The IDs of the events that got a 202; each event's subject is its ID.</summary>
    public ICollection<string> Accepted => _accepted.Keys;

    public Task PostAsync(int connections, CancellationToken stop, CancellationToken giveUp) =>
        Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    var id = string.Create(CultureInfo.InvariantCulture, $"event-{Interlocked.Increment(ref _next)}");
                    await PostUntilAcceptedAsync(id, giveUp);
                    _accepted[id] = true;
                }
            },
            giveUp)));

    /// <summary>All records, by ID with their JSON, read through the list; fails when one comes twice.</summary>
    public async Task<Dictionary<string, JsonElement>> ReadAllAsync(string? status, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var continuation = (string?)null;
        do
        {
            var path = "/api/events?limit=1000"
                + (status is null ? "" : "&status=" + status)
                + (continuation is null ? "" : "&continuation=" + Uri.EscapeDataString(continuation));
            using var page = JsonDocument.Parse(await _client.GetStringAsync(path, cancellationToken));
            foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
            {
                Assert.True(all.TryAdd(item.GetProperty("id").GetString()!, item.Clone()), $"{item} is listed twice.");
            }

            continuation = page.RootElement.TryGetProperty("continuation", out var next) ? next.GetString() : null;
        }
        while (continuation is not null);
        return all;
    }

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
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<string?> FirstOpenAsync(string status, CancellationToken cancellationToken)
    {
        using var page = JsonDocument.Parse(await _client.GetStringAsync($"/api/events?limit=1&status={status}", cancellationToken));
        return page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText()).FirstOrDefault();
    }

    private async Task PostUntilAcceptedAsync(string id, CancellationToken giveUp)
    {
        while (true)
        {
            try
            {
                using var content = new StringContent(
                    $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source}}","type":"thing.changed","subject":"{{id}}"}""");
                content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
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
