using System.Diagnostics;
using EventFunctions.Benchmarks.Load;
using Microsoft.Playwright;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// The dashboard in Chromium, over a store that is full: how soon it shows something, and what an open page costs the browser while
/// events arrive, are enriched and completed. Browser, host and load share the machine.
/// </summary>
internal sealed class DashboardScenario(int records, int minutes, int eventsPerSecond)
{
    private const int Loads = 7;
    private const int BatchSize = 50;
    private const string NewestRow = "#view .rows time";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public async Task<DashboardResult> RunAsync()
    {
        using var folder = new DataFolder();
        await using (var filled = new FilledStore(folder))
        {
            await filled.FillAsync(records);
        }

        await using var host = await ChildProcess.StartHostAsync(folder.Path, HostSettings.For(Subscriptions.Enrichment, subscriber: null, folder.Path));
        await UntilIdleAsync(host);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } given ? given : "/usr/bin/chromium",
            Args = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"],
        });
        var (paint, shown) = (new List<double>(), new List<double>());
        for (var load = 0; load < Loads; load++)
        {
            await using var context = await browser.NewContextAsync();
            var opened = await OpenAsync(context, host);
            shown.Add(await opened.EvaluateAsync<double>("performance.now()"));
            paint.Add(await opened.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime"));
        }

        await using var kept = await browser.NewContextAsync();
        var page = await OpenAsync(kept, host);
        return new(paint, shown, await WatchAsync(page, host));
    }

    private static async Task<IPage> OpenAsync(IBrowserContext context, ChildProcess host)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(host.Address, "api/dashboard").AbsoluteUri);
        await page.Locator(NewestRow).First.WaitForAsync();
        return page;
    }

    private async Task<IReadOnlyList<DashboardSample>> WatchAsync(IPage page, ChildProcess host)
    {
        using var client = new HttpClient { BaseAddress = host.Address };
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("Performance.enable");
        var sample = new SampleEvents();
        var samples = new List<DashboardSample>();
        var clock = Stopwatch.StartNew();
        var posted = 0L;
        for (var minute = 0; ; minute++)
        {
            samples.Add(await SampleAsync(page, devTools, host, minute, posted));
            if (minute == minutes)
            {
                return samples;
            }

            while (clock.Elapsed < (minute + 1) * Minute)
            {
                var wait = TimeSpan.FromSeconds((double)posted / eventsPerSecond) - clock.Elapsed;
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                using var request = sample.Batch(posted / BatchSize, BatchSize);
                using var answer = await client.SendAsync(request);
                answer.EnsureSuccessStatusCode();
                posted += BatchSize;
            }
        }
    }

    private static async Task<DashboardSample> SampleAsync(IPage page, ICDPSession devTools, ChildProcess host, int minute, long posted)
    {
        var newest = await page.Locator(NewestRow).First.GetAttributeAsync("datetime");
        var behind = DateTimeOffset.UtcNow - DateTimeOffset.Parse(newest!, System.Globalization.CultureInfo.InvariantCulture);
        await devTools.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await devTools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .ToDictionary(metric => metric.GetProperty("name").GetString()!, metric => (long)metric.GetProperty("value").GetDouble());
        return new(minute, posted, behind, metrics["JSHeapUsedSize"], metrics["Nodes"], metrics["JSEventListeners"], host.Memory);
    }

    // What the host does with a full store when it starts is not the page's cost.
    private static async Task UntilIdleAsync(ChildProcess host)
    {
        var second = TimeSpan.FromSeconds(1);
        for (var calm = 0; calm < 5;)
        {
            var before = host.ProcessorTime;
            await Task.Delay(second);
            calm = host.ProcessorTime - before < second / 10 ? calm + 1 : 0;
        }
    }
}

/// <summary>What an open page cost.</summary>
/// <param name="FirstPaint">Milliseconds from the navigation to the first contentful paint, per load.</param>
/// <param name="Shown">Milliseconds from the navigation until events were shown, per load.</param>
/// <param name="Samples">Each minute.</param>
internal sealed record DashboardResult(IReadOnlyList<double> FirstPaint, IReadOnlyList<double> Shown, IReadOnlyList<DashboardSample> Samples);

/// <summary>One minute's end; the heap after a collection.</summary>
internal sealed record DashboardSample(int Minute, long Posted, TimeSpan Behind, long HeapBytes, long Nodes, long Listeners, long HostMemory);
