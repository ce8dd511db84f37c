using EventFunctions.Simulation;
using EventFunctions.Simulation.Planted;

namespace EventFunctions.Tests.Simulation;

public sealed class PlantedFaultTests
{
    private const int Least = 40;

    private static readonly SourceTree Sources = SourceTree.Find();

    [Fact]
    public void Every_planted_fault_changes_one_place_of_the_source()
    {
        var faults = PlantedFaults.Read(Sources);

        Assert.All(faults, fault => Assert.NotEqual(Sources.Read(fault.File), fault.Plant(Sources.Read(fault.File))));
        Assert.All(faults, fault => Assert.EndsWith(".", fault.Breaks, StringComparison.Ordinal));
        Assert.Equal(faults.Count, faults.Select(fault => fault.Name).Distinct().Count());
    }

    [Fact]
    public void At_least_forty_planted_faults_are_found_within_10000_seeds() =>
        Assert.InRange(PlantedFaults.Read(Sources).Count(fault => fault.Seed < PlantedCampaign.MaxSeeds), Least, int.MaxValue);

    [Fact]
    public async Task Planted_faults_are_found_within_10000_seeds()
    {
        SdkCompiler.Use();
        var found = PlantedFaults.Read(Sources).Where(fault => fault.Seed is not null).OrderBy(fault => fault.Seed);
        await FindAllAsync([.. found.Take(TestLength.Rounds(2, int.MaxValue))]);
    }

    // Apart from the test, which has to say first where the compiler is.
    private static async Task FindAllAsync(IReadOnlyList<PlantedFault> faults)
    {
        var compiler = new PlantedCompiler(Sources);
        using var run = new PlantedRun();
        foreach (var fault in faults)
        {
            compiler.Compile(fault, run.Core);
            Assert.True(await run.FindAsync(fault, new CampaignOptions { Seeds = PlantedCampaign.MaxSeeds }) is not null, $"The simulation does not find the planted fault {fault.Name}.");
        }
    }
}
