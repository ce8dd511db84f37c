using System.Net;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>The whole way and the bare endpoint in turn, in half a minute: enough to notice a large loss.</summary>
internal sealed class CheckScenario(int connections)
{
    private const int Rounds = 3;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>Returns the ratio of each round.</summary>
    public async Task<IReadOnlyList<CheckRatio>> RunAsync()
    {
        await using var bare = await ChildProcess.StartBareAsync();
        await using var way = await WholeWay.StartAsync(connections);
        using var load = new LoadGenerator(bare.Address, connections);
        var single = new SampleEvents();
        await load.RunAsync(single.Single, HttpStatusCode.Accepted, Duration);
        var ratios = new List<CheckRatio>();
        for (var round = 0; round < Rounds; round++)
        {
            var used = bare.ProcessorTime;
            var requests = (await load.RunAsync(single.Single, HttpStatusCode.Accepted, Duration)).MustBeClean();
            var perRequest = (bare.ProcessorTime - used) / requests.Answered;
            var events = await way.MeasureAsync(Duration);
            ratios.Add(new(events.PerSecond / requests.PerSecond, perRequest / events.CpuPerEvent));
        }

        return ratios;
    }
}

/// <summary>What one round came to: events completed per bare request, in the same time and in the same processor time.</summary>
internal sealed record CheckRatio(double Rate, double Cpu);
