using System.Diagnostics;
using EventFunctions.Simulation.World;

namespace EventFunctions.Simulation;

/// <summary>Takes away from a failing world what it does not need to fail: kinds of faults, late faults, actions.</summary>
internal static class Shrinking
{
    private const int MaxActions = 100;

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    /// <summary>What violations of one kind have in common: their words without IDs and numbers.</summary>
    public static string KindOf(string violation) => string.Join(' ', violation.Split('\n')[0].Split(' ').Where(word => word.All(c => char.IsAsciiLetter(c) || c is '.' or ',' or ':') && word != "crm" && word != "erp").Take(12));

    /// <summary>Shrinks a world, and runs it once more with its steps as text.</summary>
    public static WorldResult Shrink(WorldResult failed, TextWriter output)
    {
        var graph = Surroundings.Services();
        var best = failed.Scenario;
        var started = Stopwatch.GetTimestamp();
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            Try(best with { Without = best.Without | (1 << (int)kind) });
        }

        var (low, high) = (0, failed.Faults.Sum());
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Try(best with { MaxFaults = middle }))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        for (var action = 0; action < MaxActions; action++)
        {
            Try(best with { Skipped = new HashSet<int>(best.Skipped) { action } });
        }

        var told = new SimulatedWorld(graph, best with { Tells = true }).Run();
        output.WriteLine($"Shrunk to {told.Faults.Sum()} faults and {told.Events} events: {told.Violation}");
        return told;

        bool Try(Scenario scenario)
        {
            var fails = Stopwatch.GetElapsedTime(started) < Budget && new SimulatedWorld(graph, scenario).Run().Violation is { } violation && KindOf(violation) == KindOf(failed.Violation!);
            best = fails ? scenario : best;
            return fails;
        }
    }
}
