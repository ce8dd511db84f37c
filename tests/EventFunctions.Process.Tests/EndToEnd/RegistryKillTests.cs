using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed while an administrator changes the registry.</summary>
[Collection(HostProcesses.Name)]
public sealed class RegistryKillTests
{
    private const string Key = "an administration key of the tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_change_is_made_once_and_told_once_though_the_host_is_killed_again_and_again()
    {
        using var folder = new TemporaryFolder();
        await using var host = new HostProcess(folder.Path, new Dictionary<string, string> { ["Sample:Enabled"] = "false", ["Administration:Key"] = Key });
        using var client = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Add("x-admin-key", Key);
        using var stop = new CancellationTokenSource();
        var random = new Random(20261126);
        var changes = 0;

        await host.StartAsync(Cancellation);
        var changing = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await PutUntilAnsweredAsync(client, "moving", changes + 1);
                    changes++;
                }
            },
            Cancellation);
        for (var kill = 0; kill < TestLength.Rounds(4, whenLong: 20); kill++)
        {
            var before = changes;
            await Poll.UntilAsync(() => changes > before || changing.IsCompleted, () => $"{before} changes");
            await Task.Delay(random.Next(0, 200), Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        await stop.CancelAsync();
        await changing;
        var history = await HistoryAsync(client);
        using var current = await client.GetAsync("/api/producers/moving", Cancellation);
        var definition = await JsonAsync(current);

        // One change for each that was asked for, however often it was; the story ends in what there is.
        Assert.Equal(Enumerable.Range(1, changes).Reverse(), history.Select(change => change.GetProperty("version").GetInt32()));
        Assert.Equal(
            Enumerable.Range(1, changes - 1).Reverse().Select(SourceOf),
            history.Take(changes - 1).Select(change => change.GetProperty("before").GetProperty("source").GetString()));
        Assert.Equal("created", history[^1].GetProperty("change").GetString());
        Assert.Equal($"\"{changes.ToString(CultureInfo.InvariantCulture)}\"", current.Headers.ETag?.Tag);
        Assert.Equal(SourceOf(changes), definition.GetProperty("source").GetString());

        // What it gave up is anybody's, what it has is nobody else's.
        foreach (var number in Enumerable.Range(1, changes - 1).Reverse().Take(20))
        {
            using var taken = await PutAsync(client, "heir", number);
            Assert.True(taken.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK, $"{SourceOf(number)}: {await taken.Content.ReadAsStringAsync(Cancellation)}");
        }

        using var refused = await PutAsync(client, "heir", changes);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var posted = await client.PostAsync(
            "/api/events",
            Service.Structured($$"""{"specversion":"1.0","id":"1","source":"{{SourceOf(changes)}}","type":"t"}"""),
            Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, posted.StatusCode);
    }

    private static string SourceOf(int number) => string.Create(CultureInfo.InvariantCulture, $"/tests/registry/{number}");

    // Sent again, a definition that is there already changes nothing.
    private static async Task PutUntilAnsweredAsync(HttpClient client, string name, int number)
    {
        while (true)
        {
            try
            {
                using var answer = await PutAsync(client, name, number);
                if (answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK)
                {
                    return;
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !Cancellation.IsCancellationRequested)
            {
                // Killed, or not up again yet: whether the change was made is unknown.
                await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
            }
        }
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient client, string name, int number)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/producers/" + name);
        request.Content = new StringContent(
            $$$"""{"source":"{{{SourceOf(number)}}}","data":{"baseUrl":"https://producer.example.com/","template":"{id}"}}""",
            new MediaTypeHeaderValue("application/json"));
        using var known = await client.GetAsync("/api/producers/" + name, Cancellation);
        if (known.IsSuccessStatusCode)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        }

        return await client.SendAsync(request, Cancellation);
    }

    private static async Task<List<JsonElement>> HistoryAsync(HttpClient client)
    {
        List<JsonElement> all = [];
        var continuation = "";
        do
        {
            using var answer = await client.GetAsync("/api/producers/moving/history?limit=100" + continuation, Cancellation);
            var page = await JsonAsync(answer);
            all.AddRange(page.GetProperty("items").EnumerateArray());
            continuation = page.TryGetProperty("continuation", out var next) ? "&continuation=" + Uri.EscapeDataString(next.GetString()!) : null;
        }
        while (continuation is not null);
        return all;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonElement.Parse(await answer.Content.ReadAsStringAsync(Cancellation));
}
