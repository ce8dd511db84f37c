using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json;
using EventFunctions.Tests.Contract;
using EventFunctions.Tests.Streams;

namespace EventFunctions.Tests.EndToEnd;

[Collection(HostProcesses.Name)]
public sealed class StreamTests
{
    private const string Source = "/tests/stream";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_comes_again_to_the_stream_or_the_feed_misses_no_event_though_the_host_is_killed()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        var settings = producer.Registration(Source);
        settings["TickSchedule"] = "* * * * * *";
        settings["Intake:FirstRelayAfter"] = "00:00:02";
        settings["LocalEventGrid:RetryScale"] = "0.1";
        settings["Stream:MaxDuration"] = "00:00:02";
        await using var host = new HostProcess(folder.Path, settings);
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();
        using var client = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = host.Address };
        var ended = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var pulled = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var connections = 0;

        await host.StartAsync(Cancellation);
        var opened = new TaskCompletionSource();
        using var enough = new CancellationTokenSource();
        var tailing = Task.Run(TailAsync, Cancellation);
        var pulling = Task.Run(PullAsync, Cancellation);
        await await Task.WhenAny(opened.Task, tailing).WaitAsync(ProcessWaits.Deadline, Cancellation);
        var posting = ledger.PostAsync(connections: 3, stop.Token, Cancellation);
        for (var kill = 0; kill < TestLength.Rounds(5, whenLong: 20); kill++)
        {
            var before = ledger.Accepted.Count;
            await Poll.UntilAsync(() => ledger.Accepted.Count > before + 30, () => $"{ledger.Accepted.Count} accepted");
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var completed = ledger.Accepted.Where(id => Ledger.FinalStatus(id) == "completed").Select(id => id + ":enriched").ToList();
        await Poll.UntilAsync(() => ledger.Accepted.All(ended.ContainsKey), () => $"{ended.Count} of {ledger.Accepted.Count}");
        await Poll.UntilAsync(() => completed.TrueForAll(pulled.ContainsKey), () => $"{pulled.Count} of {completed.Count} pulled");
        await enough.CancelAsync();
        await Task.WhenAll(tailing, pulling);

        Assert.InRange(connections, 6, int.MaxValue);
        Assert.All(ledger.Accepted, id => Assert.Equal(Ledger.FinalStatus(id), ended[id]));
        Assert.Equal(completed.Order(StringComparer.Ordinal), pulled.Keys.Order(StringComparer.Ordinal));

        async Task PullAsync()
        {
            var lastEventId = "";
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    using var response = await client.GetAsync($"/api/feed?timeout=500{lastEventId}", enough.Token);
                    response.EnsureSuccessStatusCode();
                    foreach (var item in JsonElement.Parse(await response.Content.ReadAsStringAsync(enough.Token)).EnumerateArray())
                    {
                        pulled[item.GetProperty("id").GetString()!] = true;
                    }

                    lastEventId = "&lastEventId=" + Uri.EscapeDataString(response.Headers.GetValues("Last-Event-ID").Single());
                }
                catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
                }
            }
        }

        async Task TailAsync()
        {
            var lastEventId = (string?)null;
            while (!enough.IsCancellationRequested)
            {
                try
                {
                    using var response = await Tail.SendAsync(client, "?status=completed,failed", lastEventId);
                    response.EnsureSuccessStatusCode();
                    Interlocked.Increment(ref connections);
                    var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(enough.Token));
                    var items = parser.EnumerateAsync(enough.Token).GetAsyncEnumerator();
                    opened.TrySetResult();
                    try
                    {
                        while (await items.MoveNextAsync())
                        {
                            var record = JsonElement.Parse(items.Current.Data);
                            ended[record.GetProperty("id").GetString()!] = record.GetProperty("status").GetString()!;
                        }
                    }
                    finally
                    {
                        lastEventId = parser.LastEventId is { Length: > 0 } id ? id : lastEventId;
                        await items.DisposeAsync();
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
                }
            }
        }
    }
}
