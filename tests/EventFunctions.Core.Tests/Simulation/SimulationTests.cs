using System.Diagnostics;
using EventFunctions.Simulation;
using EventFunctions.Simulation.World;

namespace EventFunctions.Tests.Simulation;

public sealed class SimulationTests
{
    [Fact]
    public void Fixed_seeds_lose_nothing_and_do_nothing_twice()
    {
        var output = new StringWriter();
        var campaign = new Campaign(new CampaignOptions { Seeds = (ulong)TestLength.Rounds(50, 10_000), Budget = TimeSpan.FromSeconds(TestLength.Rounds(10, 180)) }, output);

        Assert.True(campaign.Run() == 0, output.ToString());
        TestContext.Current.SendDiagnosticMessage(output.ToString());
        Assert.True(campaign.Seeds > 0);
    }

    [Fact]
    public async Task A_seed_has_the_same_trace_in_every_process()
    {
        // Every process has other hash codes of strings.
        var traces = await Task.WhenAll(HashesAsync(), HashesAsync());

        Assert.Equal(traces[0], traces[1]);
        Assert.Equal(3, traces[0].Distinct().Count());
        var again = new SimulatedWorld(Surroundings.Services(), new Scenario(2)).Run();
        Assert.Equal($"2 {again.Trace.Hash:x16}", traces[0][2]);
    }

    private static async Task<string[]> HashesAsync()
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "EventFunctions.Simulation.dll"), "--seeds", "3", "--hashes"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.RestAsync();
        await process.EndsAsync();
        return output.Split('\n')[..3];
    }
}
