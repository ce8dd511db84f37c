using System.Diagnostics;
using System.Globalization;
using System.Net;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>The same events through another library: durable before the response, handled afterwards.</summary>
/// <param name="build">The folder of the built peers.</param>
/// <param name="mode">Which peer.</param>
/// <param name="store">The connection string of its store; null for a SQLite file of its own.</param>
internal sealed class PeerScenario(string build, string mode, string? store)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>Returns what the load came to.</summary>
    public async Task<WholeWayResult> RunAsync(TimeSpan duration, int connections)
    {
        using var folder = new DataFolder();
        await using var peer = await ChildProcess.StartAsync(
            Path.GetFullPath(Path.Combine(build, "EventFunctions.Peers.dll")), mode, "--store", store ?? $"Data Source={Path.Combine(folder.Path, "peer.db")}");
        using var load = new LoadGenerator(peer.Address, connections);
        using var client = new HttpClient { BaseAddress = peer.Address };
        var warmUp = (await load.RunAsync(new SampleEvents().Single, HttpStatusCode.Accepted, WarmUp)).MustBeClean();
        await CompletesAsync(client, warmUp.Answered);
        var (clock, used) = (Stopwatch.StartNew(), peer.ProcessorTime);
        var posted = (await load.RunAsync(new SampleEvents().Single, HttpStatusCode.Accepted, duration)).MustBeClean();
        await CompletesAsync(client, warmUp.Answered + posted.Answered);
        return new(posted, posted.Answered / clock.Elapsed.TotalSeconds, (peer.ProcessorTime - used) / posted.Answered);
    }

    private static async Task CompletesAsync(HttpClient client, long expected)
    {
        var clock = Stopwatch.StartNew();
        while (long.Parse(await client.GetStringAsync("/api/completed"), CultureInfo.InvariantCulture) < expected)
        {
            if (clock.Elapsed > Deadline)
            {
                throw new TimeoutException($"Events are still open after {Deadline}.");
            }

            await Task.Delay(50);
        }
    }
}
