using System.Diagnostics;
using System.Net;
using System.Text.Json;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>A host that takes events from POST to completed.</summary>
internal sealed class WholeWay : IAsyncDisposable
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromMinutes(5);

    private readonly DataFolder _folder;
    private readonly ChildProcess _host;
    private readonly LoadGenerator _load;

    private WholeWay(DataFolder folder, ChildProcess host, int connections)
    {
        (_folder, _host) = (folder, host);
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
        var way = new WholeWay(folder, host, connections);
        await way.MeasureAsync((load, events) => load.RunAsync(events.Single, HttpStatusCode.Accepted, WarmUp));
        return way;
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
        while (await IsOpenAsync("recorded") || await IsOpenAsync("enriching"))
        {
            if (clock.Elapsed > SettleDeadline)
            {
                throw new TimeoutException($"Events are still open after {SettleDeadline}.");
            }

            await Task.Delay(50);
        }
    }

    private async Task<bool> IsOpenAsync(string status)
    {
        using var page = JsonDocument.Parse(await Client.GetStringAsync($"/api/events?limit=1&status={status}"));
        return page.RootElement.GetProperty("items").GetArrayLength() > 0;
    }
}

/// <summary>What a load came to; the rate counts from the first POST to the last completed event.</summary>
internal sealed record WholeWayResult(LoadResult Posted, double PerSecond, TimeSpan CpuPerEvent);
