using System.Net;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>A stream of requests whose rate is compared with the bare endpoint's, in turn and on the same machine.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Required">The ratio that has to be reached.</param>
/// <param name="Aim">The ratio that is hoped for.</param>
/// <param name="EventsPerRequest">How many events one request holds; the ratio is events to bare requests, which hold one each.</param>
/// <param name="Subscriptions">What the topic's events are delivered to.</param>
/// <param name="Expected">The status of a good answer.</param>
/// <param name="Request">The n-th request.</param>
internal sealed record RatioScenario(
    string Name,
    double Required,
    double Aim,
    int EventsPerRequest,
    Subscriptions Subscriptions,
    HttpStatusCode Expected,
    Func<long, HttpRequestMessage> Request)
{
    public async Task<RatioResult> RunAsync(int rounds, TimeSpan seconds, int connections)
    {
        var bareRates = new List<double>();
        var rates = new List<double>();
        var ratios = new List<double>();
        var last = default(LoadResult);
        using var folder = new DataFolder();
        await using var bare = await ChildProcess.StartBareAsync();
        await using var sink = await ChildProcess.StartBareAsync();
        await using var host = await ChildProcess.StartHostAsync(folder.Path, HostSettings.For(Subscriptions, sink.Address, folder.Path));
        using var bareLoad = new LoadGenerator(bare.Address, connections);
        using var load = new LoadGenerator(host.Address, connections);
        var next = 0L;

        // Whatever a request of the scenario holds: the measure is a request with one event.
        var single = new SampleEvents();
        await bareLoad.RunAsync(single.Single, HttpStatusCode.Accepted, TimeSpan.FromSeconds(3));
        (await load.RunAsync(_ => Request(Interlocked.Increment(ref next)), Expected, TimeSpan.FromSeconds(5))).MustBeClean();
        for (var round = 0; round < rounds; round++)
        {
            var bareRun = (await bareLoad.RunAsync(single.Single, HttpStatusCode.Accepted, seconds)).MustBeClean();
            last = (await load.RunAsync(_ => Request(Interlocked.Increment(ref next)), Expected, seconds)).MustBeClean();
            bareRates.Add(bareRun.PerSecond);
            rates.Add(last.PerSecond * EventsPerRequest);
            ratios.Add(rates[^1] / bareRun.PerSecond);
        }

        return new(this, Statistics.Median(bareRates), Statistics.Median(rates), ratios.Min(), Statistics.Median(ratios), ratios.Max(), last!);
    }
}

/// <summary>What a scenario came to; rates per second.</summary>
internal sealed record RatioResult(
    RatioScenario Scenario, double BareRate, double EventRate, double LowestRatio, double Ratio, double HighestRatio, LoadResult LastRun);
