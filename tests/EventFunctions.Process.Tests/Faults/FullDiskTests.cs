using System.Collections.Concurrent;
using System.Net;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Faults;

/// <summary>The built host on a disk that is really full.</summary>
[Collection(HostProcesses.Name)]
public sealed class FullDiskTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_refuses_events_and_loses_none_also_if_the_host_is_killed_and_starts_while_it_is_full()
    {
        var folder = new TemporaryFolder();
        using var disk = SmallDisk.Mount(folder, megabytes: 24);
        await using var scenario = await HostScenario.StartAsync(folder);
        using var client = ShortWaits.Administrator(scenario.Host.Address);
        await scenario.Ledger.PostAsync(events: 20, Cancellation);
        await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var statuses = new ConcurrentDictionary<string, HttpStatusCode>(StringComparer.Ordinal);

        disk.Fill();
        await PostUntilRefusedAsync("full");
        await scenario.KillAsync();
        disk.Fill();
        await PostUntilRefusedAsync("restarted");

        disk.Empty();
        foreach (var id in statuses.Where(one => one.Value != HttpStatusCode.Accepted).Select(one => one.Key).ToList())
        {
            await Poll.UntilAsync(async () => (statuses[id] = await PostAsync(client, id)) == HttpStatusCode.Accepted, () => $"{id}: {statuses[id]}");
        }

        await scenario.Ledger.PostAsync(events: 20, Cancellation);
        await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var records = await scenario.Ledger.ReadAllAsync(Cancellation);
        Assert.Equal(scenario.Ledger.Accepted.Concat(statuses.Keys).Order(), records.Keys.Order());
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));

        // The log may have room for some more.
        async Task PostUntilRefusedAsync(string name)
        {
            for (var round = 0; !statuses.Any(one => one.Key.StartsWith(name, StringComparison.Ordinal) && one.Value == HttpStatusCode.ServiceUnavailable); round++)
            {
                Assert.InRange(round, 0, 200);
                await Task.WhenAll(Enumerable.Range(0, 10).Select(async i => statuses[$"{name}-{round}-{i}"] = await PostAsync(client, $"{name}-{round}-{i}")));
            }

            Assert.All(statuses.Values, status => Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, $"{status}"));
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string id)
    {
        using var content = new StringContent($$"""{"specversion":"1.0","id":"{{id}}","source":"/tests/host","type":"thing.changed","subject":"{{id}}"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents+json"));
        using var response = await client.PostAsync("/api/events", content, Cancellation);
        return response.StatusCode;
    }
}
