using System.Diagnostics;
using System.Net;
using System.Text.Json;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>A host that takes events from POST to completed, or the smallest program that does.</summary>
internal sealed class WholeWay : IAsyncDisposable
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(5);

    private readonly DataFolder _folder;
    private readonly ChildProcess _host;
    private readonly LoadGenerator _load;
    private readonly Func<HttpClient, Task<bool>> _isOpen;

    private WholeWay(DataFolder folder, ChildProcess host, int connections, Func<HttpClient, Task<bool>> isOpen)
    {
        (_folder, _host, _isOpen) = (folder, host, isOpen);
        _load = new LoadGenerator(host.Address, connections);
        Client = new HttpClient { BaseAddress = host.Address };
    }

    /// <summary>A client of the host.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts a host, and warms it up: a cold compiler takes more than the event.</summary>
    /// <param name="connections">How many requests are in progress at once.</param>
    /// <param name="build">The folder of the built host; null for the one beside this tool.</param>
    /// <param name="withEntities">Whether events are linked to entities and tell their changes, as the sample producer is set.</param>
    public static async Task<WholeWay> StartAsync(int connections, string? build = null, bool withEntities = true)
    {
        var folder = new DataFolder();
        var settings = HostSettings.For(Subscriptions.Enrichment, subscriber: null, folder.Path);
        var host = await ChildProcess.StartHostAsync(folder.Path, withEntities ? settings : HostSettings.WithoutEntities(settings), build);
        return await WarmAsync(new WholeWay(
            folder, host, connections, async client => await HasAsync(client, "recorded") || await HasAsync(client, "enriching")));
    }

    /// <summary>Starts the smallest program that keeps the same promises, and warms it up.</summary>
    /// <param name="connections">How many requests are in progress at once.</param>
    /// <param name="program">The built program.</param>
    public static async Task<WholeWay> StartSmallestAsync(int connections, string program)
    {
        var folder = new DataFolder();
        return await WarmAsync(new WholeWay(folder, await ChildProcess.StartSmallestAsync(program, folder.Path), connections, async client =>
        {
            using var stats = JsonDocument.Parse(await client.GetStringAsync("/stats"));
            return stats.RootElement.GetProperty("backlog").GetInt64() > 0;
        }));
    }

    /// <summary>Sends events flat out.</summary>
    public Task<WholeWayResult> MeasureAsync(TimeSpan duration) =>
        MeasureAsync((load, events) => load.RunAsync(events.Single, HttpStatusCode.Accepted, duration));

    /// <summary>Sends events, and waits until they are completed.</summary>
    public async Task<WholeWayResult> MeasureAsync(Func<LoadGenerator, SampleEvents, Task<LoadResult>> post)
    {
        var (clock, used) = (Stopwatch.StartNew(), _host.ProcessorTime);
        var posted = (await post(_load, new SampleEvents())).MustBeClean();
        await SettlesAsync();
        return new(posted, posted.Answered / clock.Elapsed.TotalSeconds, (_host.ProcessorTime - used) / posted.Answered);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _load.Dispose();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    private async Task SettlesAsync()
    {
        var clock = Stopwatch.StartNew();
        while (await _isOpen(Client))
        {
            if (clock.Elapsed > SettleDeadline)
            {
                throw new TimeoutException($"Events are still open after {SettleDeadline}.");
            }

            await Task.Delay(50);
        }
    }

    private static async Task<WholeWay> WarmAsync(WholeWay way)
    {
        await way.MeasureAsync(WarmUp);
        return way;
    }

    private static async Task<bool> HasAsync(HttpClient client, string status)
    {
        using var page = JsonDocument.Parse(await client.GetStringAsync($"/api/events?limit=1&status={status}"));
        return page.RootElement.GetProperty("items").GetArrayLength() > 0;
    }
}

/// <summary>What a load came to; the rate counts from the first POST to the last completed event.</summary>
internal sealed record WholeWayResult(LoadResult Posted, double PerSecond, TimeSpan CpuPerEvent);
