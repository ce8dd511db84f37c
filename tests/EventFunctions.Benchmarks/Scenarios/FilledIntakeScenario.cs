using System.Net;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>Single events over HTTP into stores that hold a number of records already, in turn.</summary>
internal sealed class FilledIntakeScenario(IReadOnlyList<int> sizes, int rounds, TimeSpan seconds, int connections)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    // A disk that has just taken gigabytes is slower for a while.
    private static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    public async Task<IReadOnlyList<FilledIntakeResult>> RunAsync()
    {
        var hosts = new List<Host>();
        try
        {
            foreach (var size in sizes)
            {
                hosts.Add(await Host.StartAsync(size, connections));
            }

            await Task.Delay(Rest);
            var events = new SampleEvents();
            var next = 0L;
            var rates = sizes.Select(_ => new List<double>()).ToList();
            var costs = sizes.Select(_ => new List<double>()).ToList();
            foreach (var host in hosts)
            {
                await PostAsync(host, WarmUp);
            }

            for (var round = 0; round < rounds; round++)
            {
                // The speed of a machine may fall under load, so they take turns.
                foreach (var i in round % 2 == 0 ? Enumerable.Range(0, hosts.Count) : Enumerable.Range(0, hosts.Count).Reverse())
                {
                    var used = hosts[i].Process.ProcessorTime;
                    var run = await PostAsync(hosts[i], seconds);
                    rates[i].Add(run.PerSecond);
                    costs[i].Add((hosts[i].Process.ProcessorTime - used).TotalMicroseconds / run.Answered);
                }
            }

            return [.. sizes.Select((size, i) => new FilledIntakeResult(size, Statistics.Median(rates[i]), Statistics.Median(costs[i])))];

            async Task<LoadResult> PostAsync(Host host, TimeSpan duration) =>
                (await host.Load.RunAsync(_ => events.Single(Interlocked.Increment(ref next)), HttpStatusCode.Accepted, duration)).MustBeClean();
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.DisposeAsync();
            }
        }
    }

    private sealed record Host(DataFolder Folder, ChildProcess Process, LoadGenerator Load) : IAsyncDisposable
    {
        public static async Task<Host> StartAsync(int size, int connections)
        {
            var folder = new DataFolder();
            await using (var filled = new FilledStore(folder))
            {
                await filled.FillAsync(size);
            }

            var process = await ChildProcess.StartHostAsync(folder.Path, HostSettings.For(Subscriptions.None, subscriber: null, folder.Path));
            return new Host(folder, process, new LoadGenerator(process.Address, connections));
        }

        public async ValueTask DisposeAsync()
        {
            Load.Dispose();
            await Process.DisposeAsync();
            Folder.Dispose();
        }
    }
}

/// <summary>Intake into a store that holds so many records.</summary>
/// <param name="Size">How many.</param>
/// <param name="PerSecond">Events per second, the median of all rounds.</param>
/// <param name="Microseconds">Processor time of the host per event, the median of all rounds.</param>
internal sealed record FilledIntakeResult(int Size, double PerSecond, double Microseconds);
