using System.Net;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>A host from the start of its process to its first 202, and then idle.</summary>
/// <param name="rounds">How many starts.</param>
/// <param name="build">The folder of the built host; null for the one beside this tool.</param>
/// <param name="withSample">Whether the sample producers run too: they send a first event, and its data is fetched.</param>
internal sealed class StartupScenario(int rounds, string? build, bool withSample = false)
{
    private static readonly TimeSpan Settles = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    /// <summary>Returns what each start came to.</summary>
    public async Task<IReadOnlyList<StartupResult>> RunAsync()
    {
        await WarmUpAsync();
        var results = new List<StartupResult>();
        for (var round = 0; round < rounds; round++)
        {
            using var folder = new DataFolder();
            var settings = HostSettings.For(Subscriptions.Enrichment, subscriber: null, folder.Path);
            await using var host = await ChildProcess.BeginHostAsync(folder.Path, withSample ? settings : HostSettings.WithoutSample(settings), build);
            using var client = new HttpClient { BaseAddress = host.Address };
            using var response = await client.SendAsync(new SampleEvents().Single(round));
            if (response.StatusCode != HttpStatusCode.Accepted)
            {
                throw new InvalidOperationException($"The first response was {(int)response.StatusCode}.");
            }

            var (first, used) = (host.Started.Elapsed, host.ProcessorTime);
            await Task.Delay(Settles);
            var before = host.ProcessorTime;
            await Task.Delay(Idle);
            results.Add(new(first, used, host.Memory, (host.ProcessorTime - before) / Idle));
        }

        return results;
    }

    // The first request of a process compiles its HTTP client, which is not what is measured.
    private static async Task WarmUpAsync()
    {
        await using var bare = await ChildProcess.StartBareAsync();
        using var client = new HttpClient { BaseAddress = bare.Address };
        using var response = await client.SendAsync(new SampleEvents().Single(0));
    }
}

/// <summary>One start: the time and processor time to the first 202, then the memory in bytes and the share of a core that the idle host takes.</summary>
internal sealed record StartupResult(TimeSpan FirstResponse, TimeSpan Cpu, long Memory, double Idle);
