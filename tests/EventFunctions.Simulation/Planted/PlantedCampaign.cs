using System.Diagnostics;
using System.Globalization;

namespace EventFunctions.Simulation.Planted;

/// <summary>Looks for each planted fault, and prints which seed finds it.</summary>
internal sealed class PlantedCampaign(TextWriter output)
{
    /// <summary>How many seeds may pass until a fault is found.</summary>
    public const ulong MaxSeeds = 10_000;

    /// <summary>Looks for faults.</summary>
    /// <param name="name">The beginning of the names; empty for all.</param>
    /// <param name="options">The first seed, how many seeds, and the time for each fault.</param>
    /// <returns>0 if each fault was found, else 1.</returns>
    public async Task<int> RunAsync(string name, CampaignOptions options)
    {
        var sources = SourceTree.Find();
        var faults = PlantedFaults.Read(sources).Where(fault => fault.Name.StartsWith(name, StringComparison.Ordinal)).OrderBy(fault => fault.Seed is null).ToList();
        var compiler = new PlantedCompiler(sources);
        using var run = new PlantedRun();
        var found = 0;
        foreach (var fault in faults)
        {
            var began = Stopwatch.GetTimestamp();
            compiler.Compile(fault, run.Core);
            var (seed, steps, violation) = await run.FindAsync(fault, options) is { } finding
                ? (finding.Seed.ToString(CultureInfo.InvariantCulture), finding.Steps, finding.Violation)
                : ("not found", 0L, "");
            found += violation.Length > 0 ? 1 : 0;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{fault.Name,-44} {seed,9} {steps,8} steps {Stopwatch.GetElapsedTime(began).TotalSeconds,6:F1} s  {violation}"));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{found} of {faults.Count} planted faults were found."));
        return found == faults.Count ? 0 : 1;
    }
}
